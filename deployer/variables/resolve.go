package variables

import (
	"strconv"
	"strings"
)

// A frame is one turn of a loop: what its variable stands for.
type frame struct {
	variable string
	prefix   symbol     // the path to the entry, in a collection of indexes
	entry    *jsonValue // the entry itself, in a list or a JSON value
	key      string     // the name of the entry, in a JSON object
	named    bool       // key is set
	label    string     // what the variable alone renders
	secret   bool       // a sensitive variable was read for it
	specials map[string]string
}

// resolve returns the value of a symbol.
func (e *evaluator) resolve(s symbol) (value, error) {
	if err := e.tick(); err != nil {
		return value{}, err
	}
	path, ok, err := e.concrete(s)
	if err != nil || !ok {
		return value{}, err
	}
	if special, ok := e.special(path); ok {
		return found(special), nil
	}
	if f := e.frame(path); f != nil {
		if f.prefix == nil {
			return e.walk(f, path[1:])
		}
		if len(path) == 1 {
			return found(f.label), nil
		}
		path = append(append(symbol{}, f.prefix...), path[1:]...)
	}
	return e.global(e.expand(path))
}

// concrete replaces computed indexes by the values they compute to.
func (e *evaluator) concrete(s symbol) (symbol, bool, error) {
	path := s
	for i, st := range s {
		if st.kind != computed {
			continue
		}
		v, err := e.resolve(st.inner)
		if err != nil || !v.ok {
			return nil, false, err
		}
		if &path[0] == &s[0] {
			path = append(symbol{}, s...)
		}
		path[i] = step{kind: index, text: v.text}
	}
	return path, true, nil
}

// frame returns the innermost loop whose variable path begins with.
func (e *evaluator) frame(path symbol) *frame {
	for i := len(e.frames) - 1; i >= 0; i-- {
		if strings.EqualFold(e.frames[i].variable, path[0].text) {
			return &e.frames[i]
		}
	}
	return nil
}

// special returns what a loop tells about itself.
func (e *evaluator) special(path symbol) (string, bool) {
	if len(e.frames) == 0 || len(path) != 4 || !strings.EqualFold(path[0].text, "Octopus") {
		return "", false
	}
	v, ok := e.frames[len(e.frames)-1].specials[symbolKey(path)]
	return v, ok
}

// walk follows path inside an entry that is text or JSON.
func (e *evaluator) walk(f *frame, path symbol) (value, error) {
	e.secret = e.secret || f.secret
	if f.named && (len(path) == 0 || path[0].is("key")) {
		return found(f.key), nil
	}
	if f.named && path[0].is("value") {
		path = path[1:]
	}
	if len(path) == 0 {
		return found(f.entry.render()), nil
	}
	entry := f.entry
	if entry.kind == jsonText {
		var err error
		if entry, err = e.json(entry.text); entry == nil {
			return value{}, err
		}
	}
	return found(entry.walk(path).render()), nil
}

func (st step) is(name string) bool { return st.kind == member && strings.EqualFold(st.text, name) }

// json reads an object or an array, or returns nil for any other text.
func (e *evaluator) json(text string) (*jsonValue, error) {
	if err := e.take(len(text) / 64); err != nil {
		return nil, err
	}
	v, err := parseJSON(text)
	if err != nil {
		return nil, nil
	}
	return v, nil
}

// expand replaces wildcards by the first index of their collection.
func (e *evaluator) expand(path symbol) symbol {
	for i, st := range path {
		if st.kind != wildcard {
			continue
		}
		indexes := e.dict.indexes[symbolKey(path[:i])]
		if len(indexes) == 0 {
			continue // perhaps a JSON value: its walk knows wildcards
		}
		expanded := append(symbol{}, path...)
		expanded[i] = step{kind: index, text: indexes[0]}
		return e.expand(expanded)
	}
	return path
}

// global looks path up among the variables: its whole, or else the longest
// beginning whose value is JSON, and the rest inside that.
func (e *evaluator) global(path symbol) (value, error) {
	if v, err := e.entry(symbolKey(path)); err != nil || v.ok {
		return v, err
	}
	if v := e.dict.fromEnvironment(sourceString(path)); v.ok {
		return v, nil
	}
	for i := len(path) - 1; i > 0; i-- {
		k := symbolKey(path[:i])
		if e.busy(k) {
			continue
		}
		v, err := e.entry(k)
		if err != nil {
			return value{}, err
		}
		if !v.ok {
			continue
		}
		parsed, err := e.json(v.text)
		if err != nil {
			return value{}, err
		}
		if parsed != nil {
			return found(parsed.walk(path[i:]).render()), nil
		}
	}
	return value{}, nil
}

// busy reports whether the variable is being evaluated.
func (e *evaluator) busy(key string) bool {
	for _, k := range e.stack {
		if k == key {
			return true
		}
	}
	return false
}

// entry returns the evaluated value of a variable.
func (e *evaluator) entry(key string) (value, error) {
	en, defined := e.dict.entries[key]
	if !defined || en.null {
		return value{}, nil
	}
	e.secret = e.secret || en.sensitive
	if !strings.Contains(en.value, "#{") {
		return found(en.value), nil
	}
	if e.busy(key) {
		return value{}, e.recursion(key)
	}
	nodes, err := en.template()
	if err != nil {
		e.malformed.add(en.name)
		return found(en.value), nil
	}
	if err := e.tick(); err != nil {
		return value{}, err
	}
	outer := e.null
	e.stack, e.null = append(e.stack, key), false
	var b strings.Builder
	err = e.all(nodes, &b)
	isNull := e.null
	e.stack, e.null = e.stack[:len(e.stack)-1], outer
	return value{b.String(), !isNull}, err
}

func (e *evaluator) recursion(key string) error {
	var chain []string
	for _, k := range append(e.stack, key) {
		if k == key || len(chain) > 0 {
			chain = append(chain, e.dict.entries[k].name)
		}
	}
	return &RecursionError{Chain: chain}
}

func (n loop) evaluate(e *evaluator, b *strings.Builder) error {
	var turns []frame
	secret, err := e.fromSecret(func() (err error) {
		turns, err = e.turns(n)
		return err
	})
	if err != nil {
		return err
	}
	for i, f := range turns {
		if err := e.tick(); err != nil {
			return err
		}
		f.secret = secret
		f.specials = map[string]string{
			"octopus.template.each.index": strconv.Itoa(i),
			"octopus.template.each.first": titleBool(i == 0),
			"octopus.template.each.last":  titleBool(i == len(turns)-1),
		}
		e.frames = append(e.frames, f)
		err := e.all(n.body, b)
		e.frames = e.frames[:len(e.frames)-1]
		if err != nil {
			return err
		}
	}
	return nil
}

func titleBool(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

// turns returns the entries that a loop goes through: indexed variables, the
// elements of a JSON value, or the parts of a list with commas.
func (e *evaluator) turns(n loop) ([]frame, error) {
	path, ok, err := e.concrete(n.collection)
	if err != nil || !ok {
		return nil, err
	}
	if f := e.frame(path); f != nil && f.prefix != nil {
		path = append(append(symbol{}, f.prefix...), path[1:]...)
	}
	if indexes := e.dict.indexes[symbolKey(path)]; len(indexes) > 0 {
		return indexTurns(n.variable, path, indexes), nil
	}
	v, err := e.resolve(n.collection)
	if err != nil || !v.ok || v.text == "" {
		return nil, err
	}
	parsed, err := e.json(v.text)
	if err != nil {
		return nil, err
	}
	if parsed != nil {
		return jsonTurns(n.variable, parsed), nil
	}
	var turns []frame
	for part := range strings.SplitSeq(v.text, ",") {
		turns = append(turns, frame{variable: n.variable, entry: &jsonValue{kind: jsonText, text: part}})
	}
	return turns, nil
}

func indexTurns(variable string, collection symbol, indexes []string) []frame {
	turns := make([]frame, len(indexes))
	for i, text := range indexes {
		prefix := append(append(symbol{}, collection...), step{kind: index, text: text})
		turns[i] = frame{variable: variable, prefix: prefix, label: text}
	}
	return turns
}

func jsonTurns(variable string, collection *jsonValue) []frame {
	turns := make([]frame, len(collection.items))
	for i, item := range collection.items {
		turns[i] = frame{variable: variable, entry: item}
		if collection.kind == jsonObject {
			turns[i].key, turns[i].named = collection.names[i], true
		}
	}
	return turns
}
