package wire

import (
	"encoding/xml"
	"errors"
	"fmt"
	"reflect"
	"sync"
)

// A Root, in a field named _, gives a struct the name of its document's root
// element in the field's tag.
type Root struct{}

// A plan is how a struct is written and read: its tags, taken apart once.
type plan struct {
	root      string // name of the document's root element, or ""
	attribute []int  // index of the i:type field, or nil
	fields    []field
	byName    map[xml.Name]int // place in fields
}

// A field is one element of a struct.
type field struct {
	tag
	element element
	index   []int
	node    *node // for a flat list, the list
}

// visible reports whether answers of a version have the field.
func (f *field) visible(version Version) bool {
	return f.since <= version && (f.until == "" || version < f.until)
}

// A shape is what an element holds.
type shape int

const (
	scalarShape    shape = iota // text
	structureShape              // the elements of a struct
	listShape                   // any number of one element
)

// A node is how a Go type is written into an element.
type node struct {
	shape   shape
	pointer bool    // the Go type is a pointer to what follows
	scalar  *scalar // scalarShape
	fields  *plan   // structureShape
	item    *node   // listShape
	element element // listShape: of the items
}

// An element is the markup of one element name.
type element struct {
	name xml.Name
	open string // <Name, without the end of the tag
	end  string // </Name>
	null string // <Name i:nil="true"/>
}

func newElement(name, namespace string) element {
	open := "<" + name
	if namespace != Namespace {
		open += ` xmlns="` + string(appendText(nil, namespace, &attributeEscapes)) + `"`
	}
	return element{
		name: xml.Name{Space: namespace, Local: name},
		open: open,
		end:  "</" + name + ">",
		null: open + ` i:nil="true"/>`,
	}
}

// plans caches the plan of each struct type seen. It only ever holds what
// follows from the type, so it is a saving of work and no state.
var plans sync.Map // reflect.Type -> *plan

func planOf(t reflect.Type) (*plan, error) {
	if p, ok := plans.Load(t); ok {
		return p.(*plan), nil
	}
	b := builder{}
	p, err := b.plan(t)
	if err != nil {
		return nil, fmt.Errorf("wire: %w", err)
	}
	for t, p := range b {
		plans.LoadOrStore(t, p)
	}
	return p, nil
}

// A builder makes plans; it holds the ones begun, because a type can contain
// itself.
type builder map[reflect.Type]*plan

func (b builder) plan(t reflect.Type) (*plan, error) {
	if p, ok := b[t]; ok {
		return p, nil
	}
	p := &plan{byName: map[xml.Name]int{}}
	b[t] = p
	if err := b.collect(p, t, nil); err != nil {
		return nil, err
	}
	return p, nil
}

// collect adds the fields of a struct type, which is found at index, to a plan.
func (b builder) collect(p *plan, t reflect.Type, index []int) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		at := append(index[:len(index):len(index)], i)
		if err := b.add(p, sf, at); err != nil {
			return fmt.Errorf("%s.%s: %w", t, sf.Name, err)
		}
	}
	return nil
}

func (b builder) add(p *plan, sf reflect.StructField, index []int) error {
	text, tagged := sf.Tag.Lookup("wire")
	switch {
	case text == "-":
		return nil
	case sf.Type == reflect.TypeFor[Root]():
		p.root = text
		return nil
	case sf.Anonymous && !tagged && sf.Type.Kind() == reflect.Struct:
		return b.collect(p, sf.Type, index)
	case !sf.IsExported():
		return nil
	case !tagged:
		return errors.New(`no wire tag; use "-" to leave the field out`)
	case text == typeAttribute:
		return p.setAttribute(sf.Type, index)
	}
	t, err := parseTag(text)
	if err != nil {
		return err
	}
	return b.addElement(p, sf.Type, t, index)
}

func (p *plan) setAttribute(t reflect.Type, index []int) error {
	if t.Kind() != reflect.String {
		return fmt.Errorf("%s must be a string", typeAttribute)
	}
	p.attribute = index
	return nil
}

func (b builder) addElement(p *plan, t reflect.Type, tag tag, index []int) error {
	n, err := b.node(t, tag)
	if err != nil {
		return err
	}
	if err := n.check(t, tag); err != nil {
		return err
	}
	f := field{tag: tag, index: index, node: n, element: newElement(tag.name, tag.namespace)}
	if _, ok := p.byName[f.element.name]; ok {
		return fmt.Errorf("a second element %s", tag.name)
	}
	p.byName[f.element.name] = len(p.fields)
	p.fields = append(p.fields, f)
	return nil
}

// node makes the node of a field's type.
func (b builder) node(t reflect.Type, tag tag) (*node, error) {
	if t.Kind() == reflect.Pointer {
		n, err := b.value(t.Elem())
		if err != nil {
			return nil, err
		}
		n.pointer = true
		return n, nil
	}
	if t.Kind() != reflect.Slice || scalarOf(t) != nil {
		return b.value(t)
	}
	item, err := b.node(t.Elem(), tag)
	if err != nil {
		return nil, err
	}
	name := tag.item
	if tag.flat {
		name = tag.name
	}
	return &node{shape: listShape, item: item, element: newElement(name, Namespace)}, nil
}

// value makes the node of a type that is no list and no pointer.
func (b builder) value(t reflect.Type) (*node, error) {
	if s := scalarOf(t); s != nil {
		return &node{shape: scalarShape, scalar: s}, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("cannot be written: type %s", t)
	}
	p, err := b.plan(t)
	return &node{shape: structureShape, fields: p}, err
}

// check refuses tags that make no sense for the node of type t.
func (n *node) check(t reflect.Type, tag tag) error {
	isList := n.shape == listShape
	rules := []struct {
		broken bool
		words  string
	}{
		{isList && tag.item == "" && !tag.flat, "a list needs a tag like List>Item, or flat"},
		{isList && tag.item != "" && tag.flat, "a flat list has no element around it"},
		{isList && n.item.shape == listShape, "a list of lists cannot be written"},
		{!isList && (tag.item != "" || tag.flat), "only a slice can be a list"},
		{n.shape != scalarShape && tag.namespace != Namespace, "only an element that holds text can have ns"},
		{tag.nillable && t.Kind() != reflect.Pointer && t.Kind() != reflect.Slice, "only a pointer or a slice can be nil"},
		{tag.nillable && (tag.omitEmpty || tag.flat), "nil does not go with omitempty or flat"},
		{tag.omitEmpty && n.shape == structureShape && !n.pointer, "omitempty needs a pointer to the struct"},
		{tag.until != "" && tag.until <= tag.since, "until must be after since"},
	}
	for _, rule := range rules {
		if rule.broken {
			return errors.New(rule.words)
		}
	}
	return nil
}
