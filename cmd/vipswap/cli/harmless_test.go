package cli

import "testing"

func TestHarmlessText(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		"as it is: ü, 日本, 🙂":                  "as it is: ü, 日本, 🙂",
		"a\tb\nc":                             "a\tb\nc",
		"\x1b[32mgreen\x1b[0m, \x1b[1;31mbad": "green, bad",
		"\x1b[2J\x1b[H gone":                  "␛[2J␛[H gone",
		"\x1b]0;title\a":                      "␛]0;title␇",
		"50%\r100%":                           "50%␍100%",
		"\x7f \u009b2J":                       "␡ \ufffd2J",
	} {
		if got := harmlessText(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
}
