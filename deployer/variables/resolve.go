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
	label    string     // its index, in a collection of indexes
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
		return e.entryOf(f, path[1:])
	}
	return e.global(e.expand(path))
}

// entryOf follows path from an entry of indexed variables. The entry itself is its
// value, else its index; its Key is the variable of that name, else its index.
func (e *evaluator) entryOf(f *frame, path symbol) (value, error) {
	whole := append(append(symbol{}, f.prefix...), path...)
	if len(path) > 1 || len(path) == 1 && !path[0].is("key") {
		return e.global(e.expand(whole))
	}
	v, err := e.entry(symbolKey(whole))
	if err == nil && !v.ok {
		return found(f.label), nil
	}
	return v, err
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

// walk follows path inside an entry that is text or JSON. A member of a JSON object
// stands for its name and has a Key and a Value.
func (e *evaluator) walk(f *frame, path symbol) (value, error) {
	e.secret = e.secret || f.secret
	entry := f.entry
	if f.named {
		entry = &jsonValue{kind: jsonText, text: f.key}
		switch {
		case len(path) > 0 && path[0].is("key"):
			path = path[1:]
		case len(path) > 0 && path[0].is("value"):
			entry, path = f.entry, path[1:]
		}
	}
	return e.inside(entry, path)
}

// inside follows path from a value. Text on the way must be JSON itself, to lead on.
func (e *evaluator) inside(v *jsonValue, path symbol) (value, error) {
	for _, st := range path {
		if v.kind == jsonText {
			var err error
			if v, err = e.json(v.text); v == nil {
				return value{}, err
			}
		}
		if v = v.child(st); v == nil {
			return value{}, nil
		}
	}
	return found(v.render()), nil
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

// global looks path up among the variables: its whole, or the index that it is, or else
// the longest beginning whose value is JSON, and the rest inside that.
func (e *evaluator) global(path symbol) (value, error) {
	if v, err := e.entry(symbolKey(path)); err != nil || v.ok {
		return v, err
	}
	if label, ok := e.dict.index(path); ok {
		return found(label), nil
	}
	if v := e.dict.fromEnvironment(sourceString(path)); v.ok {
		return v, nil
	}
	for i := len(path) - 1; i > 0; i-- {
		k := symbolKey(path[:i])
		v, err := e.whole(k)
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
		if parsed == nil {
			continue
		}
		v, err = e.inside(parsed, path[i:])
		if err == nil && v.ok && e.busy(k) {
			return e.part(symbolKey(path), v.text)
		}
		return v, err
	}
	return value{}, nil
}

// whole returns the value of a variable that is to be looked into. While it is being
// evaluated that is its text as it stands: its parts may refer to each other.
func (e *evaluator) whole(key string) (value, error) {
	if !e.busy(key) {
		return e.entry(key)
	}
	en := e.dict.entries[key]
	if en == nil {
		return value{}, nil
	}
	e.secret = e.secret || en.sensitive
	return found(en.value), nil
}

// part evaluates a part of a value that is being evaluated, if the part is not, too.
func (e *evaluator) part(key, text string) (value, error) {
	nodes, err := parse(text, false)
	switch {
	case err != nil || !strings.Contains(text, "#{"):
		return found(text), nil
	case e.busy(key):
		return value{}, nil
	}
	return e.template(key, nodes)
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
	return e.template(key, nodes)
}

// template evaluates a value.
func (e *evaluator) template(key string, nodes []node) (value, error) {
	if err := e.tick(); err != nil {
		return value{}, err
	}
	outer := e.null
	e.stack, e.null = append(e.stack, key), false
	var b strings.Builder
	err := e.all(nodes, &b)
	isNull := e.null
	e.stack, e.null = e.stack[:len(e.stack)-1], outer
	return value{b.String(), !isNull}, err
}

func (e *evaluator) recursion(key string) error {
	var chain []string
	for _, k := range append(e.stack, key) {
		if en := e.dict.entries[k]; en != nil && (k == key || len(chain) > 0) {
			chain = append(chain, en.name)
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
// elements of a JSON value, or the parts of a list with commas: empty text is one part.
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
	if err != nil || !v.ok {
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
