package variables

import "testing"

// secretsOf has a few secrets, and variables made of them.
func secretsOf() *Dictionary {
	secret := func(name, value string) Variable { return Variable{Name: name, Value: value, Sensitive: true} }
	return NewDictionary(
		secret("Token", "tok3n-value"), secret("Key", "-----BEGIN KEY-----\r\nMIIEvQ==\r\nab\r\n"), secret("Odd", `a"b\c&d e/f`),
		secret("Json", `{"user":"ada","tags":["north","south"]}`), secret("List", "north,south"), secret("Made", "#{Plain}-made"),
		secret("Count", "41"), secret("Apostrophe", "it's"), secret("Server[a].Password", "pass-of-a"), secret("Vault[a]", "kept"),
		secret("Parts", `{"a":"#{Parts.b}","b":5,"c":{"d":true}}`),
		Variable{Name: "Plain", Value: "open"}, Variable{Name: "Connection", Value: "Server=x;Password=#{Token}"},
		Variable{Name: "Server[a].Url", Value: "http://a/"}, Variable{Name: "Which", Value: "Token"},
	)
}

// TestShown says what people see of evaluated text.
func TestShown(t *testing.T) {
	for template, want := range map[string]string{
		"nothing at all":                                     "nothing at all",
		"#{Plain}":                                           "open",
		"#{Token}":                                           "********",
		"<#{Token}|#{Plain}|#{Token}>":                       "<********|open|********>",
		"#{Connection}":                                      "********",
		"#{Connection};Timeout=3":                            "********;Timeout=3",
		"#{Token | ToBase64}":                                "********",
		"#{Plain | Append Token}":                            "openToken",
		"#{Plain | Append #{Token}}":                         "********",
		"#{Plain | ToUpper}":                                 "OPEN",
		"#{Json.user}":                                       "********",
		"#{each t in Json.tags}[#{t}]#{/each}":               "[********][********]",
		"#{each t in Json}#{t.Key}#{/each}":                  "****************",
		"#{each t in List}(#{t})#{/each}#{Plain}":            "(********)(********)open",
		"#{each s in Server}#{s.Url} #{s.Password}#{/each}":  "http://a/ ********",
		"#{Server[a]} #{each s in Server}#{s.Key}#{/each}":   "a a",
		"#{each v in Vault}#{v} #{v.Key}#{/each}":            "******** a",
		"#{Parts.a} #{Parts.c}":                              "******** ********",
		"#{Parts.c.d}":                                       "********",
		"#{if Parts.a == \\\"5\\\"}#{Plain}#{/if}":           "open",
		"#{if Token}yes#{/if}":                               "yes",
		`#{if Plain == "open"}#{Token}#{else}#{Plain}#{/if}`: "********",
		"#{calc Count + 1}":                                  "********",
		"#{Missing} #{Token}":                                "#{Missing} ********",
		"##{Token}":                                          "#{Token}",
		"#{Made}":                                            "********",
		"#{Token | Null}":                                    "",
	} {
		result, err := secretsOf().Evaluate(template)
		if got := result.Shown(); err != nil || got != want {
			t.Errorf("%s: people see %q (%v), want %q", template, got, err, want)
		}
	}
}

// TestMaskedForms says what is found in text that was not evaluated.
func TestMaskedForms(t *testing.T) {
	d := secretsOf()
	for text, want := range map[string]string{
		"the token is tok3n-value.":      "the token is ********.",
		"-----BEGIN KEY-----":            "********",
		"MIIEvQ== and ab":                "******** and ab",
		"open-made, open":                "********, open",
		`quoted: "a\"b\\c&d e/f"`:        `quoted: "********"`,
		`JSON: "a\"b\\c\u0026d e/f"`:     `JSON: "********"`,
		"XML: a&#34;b\\c&amp;d e/f":      "XML: ********",
		`+ : it'\''s "a"`:                `+ : ******** "a"`,
		`it\'s`:                          "********",
		`a\"b\\c\&d\ e/f`:                "********",
		`$'a"b\\c&d e/f'`:                "$'********'",
		"GET /?q=a%22b%5Cc%26d+e%2Ff":    "GET /?q=********",
		"GET /a%22b%5Cc&d%20e%2Ff":       "GET /********",
		"41 is too short to be a secret": "41 is too short to be a secret",
	} {
		if got := d.Mask(text); got != want {
			t.Errorf("%s becomes %s, want %s", text, got, want)
		}
	}
}
