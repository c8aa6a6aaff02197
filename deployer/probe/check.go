package probe

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"
)

// A Check says what to ask and what a right answer has. The zero value of a field
// asks for nothing, or is the default that is named.
type Check struct {
	Name     string        `json:"name,omitempty"` // for people; "" is the address
	URL      string        `json:"url"`            // http or https, or a path behind Base
	Method   string        `json:"method,omitempty"`
	Headers  []Header      `json:"headers,omitempty"`
	Status   []int         `json:"status,omitempty"`   // that are right; none is 200
	Contains string        `json:"contains,omitempty"` // text that the body has
	Matches  string        `json:"matches,omitempty"`  // regular expression that the body matches, see [Check.Evaluate]
	JSONPath string        `json:"jsonPath,omitempty"` // of a value that the body has, see [Lookup]
	Equals   *string       `json:"equals,omitempty"`   // what that value is, as text; nil is anything
	Latency  time.Duration `json:"latency,omitempty"`  // the longest that a right answer takes, in nanoseconds
	InARow   int           `json:"inARow,omitempty"`   // right answers in a row; 0 is 1
	Every    time.Duration `json:"every,omitempty"`    // between two; 0 is DefaultEvery
	Within   time.Duration `json:"within,omitempty"`   // after which it has failed; 0 is DefaultWithin
	Timeout  time.Duration `json:"timeout,omitempty"`  // of one request; 0 is DefaultTimeout
	Resolve  []string      `json:"resolve,omitempty"`  // HOST:PORT:ADDRESS, see [ParseResolve]

	// Base is the address that a URL is behind which is only a path, such as /health.
	Base string `json:"-"`

	// Shown is Matches for people, without secrets; "" is Matches itself.
	Shown string `json:"-"`
}

// A Header is one line of a request's head. The one named Host says to which host
// the request is, whatever the address.
type Header struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Defaults of a Check.
const (
	DefaultEvery   = 2 * time.Second
	DefaultWithin  = time.Minute
	DefaultTimeout = 30 * time.Second
)

// methods are those that a check can ask with.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodOptions}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

// A Problem is something about a check that cannot be.
type Problem struct {
	Field string // as in a project's file, such as status[1]
	Text  string
	Hint  string // may be empty
}

// Problems finds what is wrong with a check, except for its URL and what is a
// template: that is known when it is evaluated.
func (c Check) Problems() []Problem {
	found := c.answerProblems()
	if !slices.Contains(methods, cmp.Or(strings.ToUpper(c.Method), http.MethodGet)) {
		found = append(found, Problem{"method", fmt.Sprintf("%q is not possible here", c.Method), "use one of: " + strings.Join(methods, ", ")})
	}
	for i, h := range c.Headers {
		if !headerName.MatchString(h.Name) {
			found = append(found, Problem{fmt.Sprintf("headers[%d]", i), fmt.Sprintf("%q cannot be the name of a header", h.Name), ""})
		}
	}
	for i, text := range c.Resolve {
		if _, err := ParseResolve(text); err != nil && !hasExpression(text) {
			found = append(found, Problem{fmt.Sprintf("resolve[%d]", i), err.Error(), "write HOST:PORT:ADDRESS, as for curl"})
		}
	}
	return found
}

// answerProblems finds what is wrong with what is asked of the answer.
func (c Check) answerProblems() []Problem {
	var found []Problem
	for i, status := range c.Status {
		if status < 100 || status > 599 {
			found = append(found, Problem{fmt.Sprintf("status[%d]", i), fmt.Sprintf("%d is no status of HTTP", status), ""})
		}
	}
	if c.InARow < 0 {
		found = append(found, Problem{"inARow", "inARow is a number of answers, at least 1", ""})
	}
	if every, within := cmp.Or(c.Every, DefaultEvery), cmp.Or(c.Within, DefaultWithin); c.InARow > 1 && c.late(every, within) {
		found = append(found, Problem{"within", fmt.Sprintf("%d right answers, %s between two, do not come within %s: it could never pass", c.InARow, every, within), "give it more time, or ask more often"})
	}
	if _, err := regexp.Compile(c.Matches); err != nil && !hasExpression(c.Matches) {
		found = append(found, Problem{"matches", "this is no regular expression: " + strings.TrimPrefix(err.Error(), "error parsing regexp: "), "the syntax is that of Go's package regexp"})
	}
	if c.JSONPath != "" {
		if _, err := parsePath(c.JSONPath); err != nil {
			found = append(found, Problem{"jsonPath", err.Error(), "for example $.status or $.checks[0].state"})
		}
	}
	if c.Equals != nil && c.JSONPath == "" {
		found = append(found, Problem{"equals", "equals needs a jsonPath, which says what is compared", ""})
	}
	return found
}

// late reports whether the time is up before the last of the answers in a row is asked
// for. The one that is asked for when it is up still counts.
func (c Check) late(every, within time.Duration) bool {
	return every > 0 && within > 0 && (within-1)/every+1 <= time.Duration(c.InARow-2)
}

// Address parses a URL, which must be one of the web.
func Address(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errAddress
	}
	return u, nil
}

// address is the whole URL.
func (c Check) address() string {
	if c.Base != "" && strings.HasPrefix(c.URL, "/") {
		return strings.TrimRight(c.Base, "/") + c.URL
	}
	return c.URL
}

// String names the check for people: by its name, or its address without the parts
// that may hold secrets.
func (c Check) String() string {
	if c.Name != "" {
		return c.Name
	}
	if u, err := url.Parse(c.address()); err == nil {
		u.User, u.RawQuery, u.Fragment = nil, "", ""
		return u.String()
	}
	text, _, _ := strings.Cut(c.URL, "?")
	return text
}

// Wanted says in a few words what a right answer has.
func (c Check) Wanted() string {
	words := []string{"status " + numbers(c.right())}
	if c.Contains != "" {
		words = append(words, fmt.Sprintf("body with %q", c.Contains))
	}
	if c.Matches != "" {
		words = append(words, "body like "+c.Matches)
	}
	if c.JSONPath != "" {
		words = append(words, "JSON with "+c.JSONPath+equalsWords(c.Equals))
	}
	if c.Latency > 0 {
		words = append(words, fmt.Sprintf("within %s", c.Latency))
	}
	if c.InARow > 1 {
		words = append(words, fmt.Sprintf("%d times in a row", c.InARow))
	}
	return strings.Join(words, ", ")
}

func equalsWords(value *string) string {
	if value == nil {
		return ""
	}
	return fmt.Sprintf(" = %q", *value)
}

func (c Check) right() []int {
	if len(c.Status) == 0 {
		return []int{http.StatusOK}
	}
	return c.Status
}

func numbers(list []int) string {
	var words []string
	for _, n := range list {
		words = append(words, fmt.Sprint(n))
	}
	return strings.Join(words, " or ")
}

// hasExpression reports whether a text is a template that was not evaluated.
func hasExpression(text string) bool { return strings.Contains(text, "#{") }

// A Pattern is a regular expression that was a template.
type Pattern struct {
	Text  string
	Shown string // Text for people, without secrets; "" is Text
}

// Evaluate returns the check with its texts evaluated, and its regular expression by
// pattern, which should quote values so that they match as they are; its name and its
// path stay. The error is that of text or pattern, or says that what pattern made, and
// has no more expressions, is no regular expression.
func (c Check) Evaluate(text func(template string) (string, error), pattern func(template string) (Pattern, error)) (Check, error) {
	c.Headers, c.Resolve = slices.Clone(c.Headers), slices.Clone(c.Resolve)
	texts := []*string{&c.URL, &c.Contains}
	if c.Equals != nil {
		value := *c.Equals
		c.Equals = &value
		texts = append(texts, c.Equals)
	}
	for i := range c.Headers {
		texts = append(texts, &c.Headers[i].Value)
	}
	for i := range c.Resolve {
		texts = append(texts, &c.Resolve[i])
	}
	for _, t := range texts {
		value, err := text(*t)
		if err != nil {
			return c, err
		}
		*t = value
	}
	made, err := pattern(c.Matches)
	if err != nil {
		return c, err
	}
	c.Matches, c.Shown = made.Text, made.Shown
	return c, made.check()
}

// check refuses what is no regular expression. The error has no more of it than what
// is shown.
func (p Pattern) check() error {
	_, err := regexp.Compile(p.Text)
	if err == nil || hasExpression(p.Text) {
		return nil
	}
	why := "it cannot be parsed"
	if parsing := (*syntax.Error)(nil); errors.As(err, &parsing) {
		why = parsing.Code.String()
	}
	return fmt.Errorf("matches is no regular expression once it is evaluated: %s: %s", why, cmp.Or(p.Shown, p.Text))
}
