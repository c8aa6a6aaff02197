package script

import (
	"regexp"
	"strings"
)

// reasonsIn finds in a script why programs are to fail, by the line of the program: the
// patterns that the lines right behind it look for in its errors. What cannot be told
// without running the script, such as variables, is left out.
func reasonsIn(text string) map[int][]*regexp.Regexp {
	reasons := map[int][]*regexp.Regexp{}
	program := 0
	for i, line := range strings.Split(text, "\n") {
		m := commandLine.FindStringSubmatch(line)
		switch {
		case m == nil || strings.HasPrefix(m[3], "#") || strings.HasPrefix(line, "-- "):
			program = 0
		case m[3] == "exec" || m[3] == "exits":
			program = i + 1
		case m[3] == "stderr" && program > 0 && m[2] == "":
			if pattern := quotedPattern(m[4]); pattern != nil {
				reasons[program] = append(reasons[program], pattern)
			}
		case !listens[m[3]]:
			program = 0
		}
	}
	return reasons
}

// listens are the commands that look at what a program printed.
var listens = map[string]bool{"stdout": true, "stderr": true, "cmp": true, "cmpenv": true, "compare": true, "grep": true}

// quoted is an argument in quotes, in which testscript leaves variables alone.
var quoted = regexp.MustCompile(`^'((?:[^']|'')*)'$`)

// quotedPattern returns the pattern that a line looks for, nil when there are variables
// or flags, or when it is none.
func quotedPattern(argument string) *regexp.Regexp {
	m := quoted.FindStringSubmatch(argument)
	if m == nil {
		return nil
	}
	pattern, err := regexp.Compile("(?m)" + strings.ReplaceAll(m[1], "''", "'"))
	if err != nil {
		return nil
	}
	return pattern
}

// failedAsTold reports whether a program ended as the script wants: with this exit code,
// and when it is to fail after a fault has struck, for the reason that the script tells
// of. A failure for another reason is one that somebody attends to.
func (s *Script) failedAsTold(line, code int, want string) (bool, error) {
	if !asWanted(code, want) || code == 0 || len(s.attendance.reasons[line]) == 0 {
		return asWanted(code, want), nil
	}
	struck, err := s.struck()
	if err != nil || !struck {
		return true, err
	}
	text := s.ts.ReadFile("stderr")
	for _, pattern := range s.attendance.reasons[line] {
		if !pattern.MatchString(text) {
			return false, nil
		}
	}
	return true, nil
}
