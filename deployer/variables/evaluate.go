package variables

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// A Result is evaluated text.
type Result struct {
	Text string

	// Secrets are the parts of Text that expressions have made of a sensitive
	// variable, by whatever filters and other variables, in order. What a condition
	// chose because of one is not among them.
	Secrets []Span

	// Null is set when the filter null ran anywhere in the text: the result
	// is then no value at all, and Text is empty.
	Null bool

	// Unresolved lists the expressions that stayed in the text, as they stand
	// there, each once, in the order they were met. It includes those in the
	// values of other variables.
	Unresolved []string

	// Malformed lists the variables whose values were met, contain #{ and
	// are no template. They were used as they stand.
	Malformed []string
}

// A RecursionError says that a variable refers to itself.
type RecursionError struct {
	// Chain holds the names on the way, the first and the last the same.
	Chain []string
}

// Error names the variable and the chain.
func (e *RecursionError) Error() string {
	return fmt.Sprintf("variable %q refers to itself: %s", e.Chain[len(e.Chain)-1], strings.Join(e.Chain, " -> "))
}

// ErrLimit is wrapped by errors of an evaluation that outgrew its [Limits].
var ErrLimit = errors.New("too large")

// Evaluate replaces all expressions in template. The error is
//   - a *[SyntaxError] if template is none; Result.Text is then template,
//     unchanged, for callers who prefer to go on;
//   - a *[RecursionError] if a variable refers to itself;
//   - one that wraps [ErrLimit] if the evaluation outgrows its limits.
//
// An expression that cannot be resolved is not an error, see [Result].
func (d *Dictionary) Evaluate(template string) (Result, error) {
	return d.evaluate(template, false)
}

// EvaluateLenient is [Dictionary.Evaluate] for files that were not written as
// templates: what cannot be parsed stays as it is, and no SyntaxError comes.
func (d *Dictionary) EvaluateLenient(template string) (Result, error) {
	return d.evaluate(template, true)
}

func (d *Dictionary) evaluate(template string, lenient bool) (Result, error) {
	if !strings.Contains(template, "#{") {
		return Result{Text: template}, nil
	}
	nodes, err := parse(template, lenient)
	if err != nil {
		return Result{Text: template}, err
	}
	return d.run(template, nodes)
}

// run evaluates the nodes of a template.
func (d *Dictionary) run(template string, nodes []node) (Result, error) {
	e := d.evaluator()
	var b strings.Builder
	if err := e.all(nodes, &b); err != nil {
		return Result{Text: template}, err
	}
	result := Result{Text: b.String(), Secrets: e.secrets, Null: e.null, Unresolved: e.unresolved.items, Malformed: e.malformed.items}
	if e.null {
		result.Text, result.Secrets = "", nil
	}
	return result, nil
}

// A Span is a part of a text, in bytes from its beginning.
type Span struct{ From, To int }

// Made returns the parts of the text that come from secrets, for [NewSecrets].
func (r Result) Made() []string {
	var made []string
	for _, s := range r.Secrets {
		made = append(made, r.Text[s.From:s.To])
	}
	return made
}

// Shown returns the text for people, with asterisks in place of its secrets. Pass it
// through [Dictionary.Mask], too: the template may hold a secret as it stands.
func (r Result) Shown() string {
	var b strings.Builder
	end := 0
	for _, s := range r.Secrets {
		b.WriteString(r.Text[end:s.From])
		b.WriteString(hidden)
		end = s.To
	}
	return b.String() + r.Text[end:]
}

// fromSecret does something, and reports whether a sensitive variable was read for it.
func (e *evaluator) fromSecret(do func() error) (bool, error) {
	outer := e.secret
	e.secret = false
	err := do()
	read := e.secret
	e.secret = outer || read
	return read, err
}

// placed writes what do writes, and remembers where in the text it is when it comes
// from a secret.
func (e *evaluator) placed(b *strings.Builder, do func() error) error {
	from := b.Len()
	secret, err := e.fromSecret(do)
	if secret && len(e.stack) == 0 {
		e.secrets = append(e.secrets, Span{from, b.Len()})
	}
	return err
}

// An evaluator is one evaluation under way.
type evaluator struct {
	dict    *Dictionary
	frames  []frame  // of loops, the innermost last
	stack   []string // keys of the variables being evaluated
	null    bool     // the filter null ran in the current text
	secret  bool     // a sensitive variable was read
	secrets []Span   // of the text itself

	steps, output int           // left
	searching     time.Duration // left
	unresolved    uniqueList
	malformed     uniqueList
}

// A uniqueList holds each text once, in order.
type uniqueList struct {
	items []string
	seen  map[string]bool
}

func (l *uniqueList) add(s string) {
	if l.seen[s] {
		return
	}
	if l.seen == nil {
		l.seen = make(map[string]bool)
	}
	l.seen[s] = true
	l.items = append(l.items, s)
}

func (d *Dictionary) evaluator() *evaluator {
	return &evaluator{dict: d, steps: d.limits.Steps, output: d.limits.Output, searching: d.limits.Searching}
}

func (e *evaluator) all(nodes []node, b *strings.Builder) error {
	for _, n := range nodes {
		if err := n.evaluate(e, b); err != nil {
			return err
		}
	}
	return nil
}

// write adds text to b and to the count of what was written.
func (e *evaluator) write(b *strings.Builder, s string) error {
	if err := e.spend(len(s)); err != nil {
		return err
	}
	b.WriteString(s)
	return nil
}

// spend counts bytes that exist for a while or for good.
func (e *evaluator) spend(bytes int) error {
	if e.output -= bytes; e.output < 0 {
		return fmt.Errorf("the evaluated text is %w: over %d bytes were written", ErrLimit, e.dict.limits.Output)
	}
	return nil
}

// tick counts a step.
func (e *evaluator) tick() error { return e.take(1) }

// take counts steps.
func (e *evaluator) take(steps int) error {
	if e.steps -= steps; e.steps < 0 {
		return fmt.Errorf("the evaluation is %w: over %d steps were taken", ErrLimit, e.dict.limits.Steps)
	}
	return nil
}

// echo writes an expression that cannot be resolved as it stands.
func (e *evaluator) echo(n interface{ source(*strings.Builder) }, b *strings.Builder) error {
	s := sourceString(n)
	e.unresolved.add(s)
	return e.write(b, s)
}

func (n text) evaluate(e *evaluator, b *strings.Builder) error { return e.write(b, string(n)) }

func (n verbatim) evaluate(e *evaluator, b *strings.Builder) error { return e.write(b, string(n)) }

func (n substitution) evaluate(e *evaluator, b *strings.Builder) error {
	return e.placed(b, func() error { return n.substitute(e, b) })
}

func (n substitution) substitute(e *evaluator, b *strings.Builder) error {
	found, err := e.chain(n.value)
	if err != nil {
		return err
	}
	if !found.ok {
		return e.echo(n, b)
	}
	return e.write(b, found.text)
}

func (n calculation) evaluate(e *evaluator, b *strings.Builder) error {
	return e.placed(b, func() error { return n.calculate(e, b) })
}

func (n calculation) calculate(e *evaluator, b *strings.Builder) error {
	f, ok, err := n.root.value(e)
	if err != nil {
		return err
	}
	if !ok {
		return e.echo(n, b)
	}
	return e.write(b, formatFloat(f))
}

func (n conditional) evaluate(e *evaluator, b *strings.Builder) error {
	for _, br := range n.branches {
		truth, ok, err := e.condition(br.test)
		if err != nil {
			return err
		}
		if !ok {
			return e.echo(n, b)
		}
		if truth != n.unless {
			return e.all(br.body, b)
		}
	}
	return e.all(n.otherwise, b)
}

// condition returns the truth of c, or not ok if a filter in it failed.
func (e *evaluator) condition(c condition) (truth, ok bool, err error) {
	left, ok, err := e.operand(c.left)
	if err != nil || !ok {
		return false, ok, err
	}
	if c.operator == "" {
		return isTruthy(left), true, nil
	}
	right, ok, err := e.operand(c.right)
	return (left == right) == (c.operator == "=="), ok, err
}

// operand returns the text of one side. An undefined name is empty text.
func (e *evaluator) operand(o operand) (string, bool, error) {
	if o.quote != "" {
		return o.text, true, nil
	}
	found, err := e.chain(o.value)
	return found.text, found.ok || len(o.value.filters) == 0, err
}

// isTruthy tells what a condition makes of a value.
func isTruthy(value string) bool {
	if value == "" || value == "0" {
		return false
	}
	word := strings.TrimSpace(value)
	return !strings.EqualFold(word, "no") && !strings.EqualFold(word, "false")
}

// A value is what a symbol or a chain stands for, if it stands for anything.
type value struct {
	text string
	ok   bool
}

func found(text string) value { return value{text, true} }

// chain passes the value of a symbol through filters.
func (e *evaluator) chain(c chain) (value, error) {
	var v value
	if c.symbol != nil {
		var err error
		if v, err = e.resolve(c.symbol); err != nil {
			return value{}, err
		}
	}
	for _, f := range c.filters {
		var err error
		if v, err = e.call(f, v); err != nil || !v.ok {
			return value{}, err
		}
	}
	return v, nil
}

// call runs one filter.
func (e *evaluator) call(f call, v value) (value, error) {
	row, known := filters[strings.ToLower(f.name)]
	if !known || !row.takes(v, len(f.options)) {
		return value{}, nil
	}
	in := input{value: v.text, now: e.dict.now}
	for _, o := range f.options {
		if o.symbol == nil {
			in.options = append(in.options, o.text)
			continue
		}
		inner, err := e.resolve(o.symbol)
		if err != nil || !inner.ok {
			return value{}, err
		}
		in.options = append(in.options, inner.text)
	}
	in.limit = e.output
	if row.steps != nil {
		if err := e.take(row.steps(in.value)); err != nil {
			return value{}, err
		}
	}
	out, ok, err := e.run(row, in)
	if err != nil {
		return value{}, err
	}
	if row.null {
		e.null = true
	}
	return value{out, ok}, e.spend(len(out))
}

// run runs a filter and counts the time of searches.
func (e *evaluator) run(row filter, in input) (string, bool, error) {
	if row.search == nil {
		out, ok := row.apply(in)
		return out, ok, nil
	}
	in.searching = e.searching
	began := time.Now()
	out, ok, err := row.search(in)
	e.searching -= time.Since(began)
	return out, ok, err
}
