package cli

import (
	"regexp"
	"strings"

	"github.com/spf13/pflag"
)

// flagsOf returns the flags that a command was given which say how a run goes, as words
// of a command line: gates, what comes after a swap, waits, and the storage account.
func flagsOf(given *pflag.FlagSet) []string {
	how := pflag.NewFlagSet("", pflag.ContinueOnError)
	(&gateFlags{}).register(how)
	(&gateFlags{}).registerNone(how)
	(&afterFlags{}).register(how)
	for _, name := range []string{"account", "timeout", "wait-ready", "no-wait-ready"} {
		how.String(name, "", "")
	}
	var words []string
	given.Visit(func(f *pflag.Flag) {
		if how.Lookup(f.Name) != nil {
			words = append(words, flagWords(f)...)
		}
	})
	return words
}

// flagWords returns a flag with its value, or with each of its values.
func flagWords(f *pflag.Flag) []string {
	if f.Value.Type() == "bool" {
		return []string{"--" + f.Name + map[string]string{"false": "=false"}[f.Value.String()]}
	}
	values := []string{f.Value.String()}
	if list, ok := f.Value.(pflag.SliceValue); ok {
		values = list.GetSlice()
	}
	var words []string
	for _, value := range values {
		words = append(words, "--"+f.Name, value)
	}
	return words
}

// plainWord is a word that no shell reads as anything else.
var plainWord = regexp.MustCompile(`^[\w@%+=:,./-]+$`)

// commandLine puts words together for a shell.
func commandLine(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = word
		if !plainWord.MatchString(word) {
			quoted[i] = quoteSh(word)
		}
	}
	return strings.Join(quoted, " ")
}

// tellsSecrets reports whether words of a command line may hold what is not to be
// printed: headers of checks are often credentials.
func tellsSecrets(words []string) bool {
	return strings.Contains(strings.Join(words, "\n"), "header=")
}
