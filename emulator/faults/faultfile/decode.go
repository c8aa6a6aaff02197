package faultfile

import (
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/vipswap/vipswap/emulator/faults"
	"github.com/vipswap/vipswap/internal/spelling"
	"github.com/vipswap/vipswap/internal/yamlfile"
)

// plan fills a plan from the document.
func (r *reader) plan(body ast.Node, plan *faults.Plan) {
	r.value(body, reflect.ValueOf(plan).Elem(), "", 0)
	if len(plan.Rules) > maxRules {
		r.Path("rules", fmt.Sprintf("there are %d rules; at most %d are allowed", len(plan.Rules), maxRules), "")
	}
}

// value fills v from a node. Where the node is of another kind it reports that.
func (r *reader) value(n ast.Node, v reflect.Value, path string, depth int) {
	at := yamlfile.PositionOf(n)
	r.Note(path, at)
	switch {
	case depth > maxDepth:
		r.At(at, "this is nested too deep", "")
	case n.Type() == ast.NullType:
		// as if the key were not there
	case n.Type() == ast.AliasType:
		r.At(at, "an alias is not supported here", `put a pattern that begins with * in quotes: "*Deployment"`)
	case n.Type() == ast.AnchorType || n.Type() == ast.TagType || n.Type() == ast.MergeKeyType:
		r.At(at, "anchors and tags are not supported here", "write the value out")
	default:
		r.fill(n, v, path, depth)
	}
}

// fill fills v from a node that is written out.
func (r *reader) fill(n ast.Node, v reflect.Value, path string, depth int) {
	switch pairs, isMapping := yamlfile.Pairs(n); {
	case v.Kind() == reflect.Struct && isMapping:
		r.mapping(pairs, v, path, depth)
		return
	case v.Kind() == reflect.Slice:
		if list, ok := n.(*ast.SequenceNode); ok {
			r.list(list, v, path, depth)
			return
		}
	default:
		if scalar, ok := n.(ast.ScalarNode); ok && v.Kind() != reflect.Struct {
			r.scalar(scalar, v)
			return
		}
	}
	r.At(yamlfile.PositionOf(n), "expected "+expected(v)+" here", "")
}

func (r *reader) mapping(pairs []*ast.MappingValueNode, v reflect.Value, path string, depth int) {
	fields, names := fieldsOf(v)
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		field, known := fields[key]
		if !known {
			hint := "the keys are " + strings.Join(names, ", ")
			if near := spelling.Nearest(key, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			r.At(yamlfile.PositionOfKey(pair), fmt.Sprintf("unknown key %q", key), hint)
			continue
		}
		r.value(pair.Value, field, strings.TrimPrefix(path+"."+key, "."), depth+1)
	}
}

func (r *reader) list(n *ast.SequenceNode, v reflect.Value, path string, depth int) {
	v.Set(reflect.MakeSlice(v.Type(), len(n.Values), len(n.Values)))
	for i, item := range n.Values {
		r.value(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1)
	}
}

// scalar fills a text, a number or a duration.
func (r *reader) scalar(n ast.ScalarNode, v reflect.Value) {
	text := n.GetToken().Value
	if block, ok := n.(*ast.LiteralNode); ok {
		text = block.Value.Value
	}
	if err := set(v, text); err != nil {
		r.At(yamlfile.PositionOf(n), err.Error(), "")
	}
}

// set makes v what a text says.
func set(v reflect.Value, text string) error {
	if own, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		return own.UnmarshalText([]byte(text))
	}
	wrong := fmt.Errorf("expected %s here, not %q", expected(v), text)
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Int:
		n, err := strconv.Atoi(text)
		if err != nil {
			return wrong
		}
		v.SetInt(int64(n))
	case reflect.Float64:
		f, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil:
			return wrong
		case f == 0:
			return fmt.Errorf("with the probability 0 the rule strikes nothing; leave the rule out")
		}
		v.SetFloat(f)
	}
	return nil
}

// expected names what v looks like in a file.
func expected(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Struct:
		return "keys with values"
	case reflect.Slice:
		return "a list"
	case reflect.Int:
		return "a whole number"
	case reflect.Float64:
		return "a number"
	case reflect.Int64:
		return "a duration such as 30s"
	}
	return "text"
}

// fieldsOf lists the fields of a struct by their keys, and the keys in order.
func fieldsOf(v reflect.Value) (map[string]reflect.Value, []string) {
	fields := map[string]reflect.Value{}
	var names []string
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		fields[name] = v.Field(i)
		names = append(names, name)
	}
	return fields, names
}
