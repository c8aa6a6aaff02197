package release

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/vipswap/vipswap/internal/yamlfile"
)

// maxDepth is how deep a project file may nest.
const maxDepth = 20

// An outline compares a YAML document with the Go type it should fill, and
// notes where everything stands.
type outline struct{ *yamlfile.Report }

// obsolete are keys that people who come from elsewhere may try.
var obsolete = map[string]string{
	"useCurrentInstanceCount": "write instanceCount: target",
	"swapIfPossible":          "write swap: if-possible, or swap: never",
	"transforms":              "configuration transforms (XDT) are not supported: set the values by configurationVariables or structuredVariables",
	"configurationTransforms": "configuration transforms (XDT) are not supported: set the values by configurationVariables or structuredVariables",
	"process":                 "steps before the cloud service's go under before, those after it under after",
	"channels":                "channels are not supported",
	"tenants":                 "tenants are not supported",
	"tenantTags":              "tenants are not supported, so that no value can be for some of them",
	"machines":                "there are no deployment targets: the project names its one cloud service; values may be for roles of the step",
	"targets":                 "there are no deployment targets: the project names its one cloud service; values may be for roles of the step",
	"targetRoles":             "write roles",
	"processes":               "a project has one process",
	"retention":               "retention is not supported: releases stay until they are deleted by hand",
}

// expectations name what a kind of Go value looks like in YAML.
var expectations = map[reflect.Kind]string{
	reflect.Struct: "keys with values", reflect.Slice: "a list", reflect.String: "text",
	reflect.Int: "a whole number", reflect.Bool: "true or false", reflect.Map: "names with values",
}

// visit checks one node against t.
func (o *outline) visit(n ast.Node, t reflect.Type, path string, depth int) {
	at := yamlfile.PositionOf(n)
	o.Note(path, at)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case depth > maxDepth:
		o.At(at, "this is nested too deep", "")
	case n.Type() == ast.NullType:
		// as if the key were not there
	case n.Type() == ast.AnchorType || n.Type() == ast.AliasType || n.Type() == ast.TagType:
		o.At(at, "anchors, aliases and tags are not supported in this file", "write the value out")
	case !fits(n, t.Kind()):
		o.At(at, fmt.Sprintf("expected %s here, not %s", expectations[t.Kind()], describe(n)), "")
	case t.Kind() == reflect.Struct:
		o.visitMapping(n, t, path, depth)
	case t.Kind() == reflect.Map:
		pairs, _ := yamlfile.Pairs(n)
		for _, pair := range pairs {
			at := path + "." + pair.Key.GetToken().Value
			o.visit(pair.Value, t.Elem(), at, depth+1)
			o.Note(at, yamlfile.PositionOfKey(pair))
		}
	case t.Kind() == reflect.Slice:
		for i, item := range n.(*ast.SequenceNode).Values {
			o.visit(item, t.Elem(), fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	}
}

func (o *outline) visitMapping(n ast.Node, t reflect.Type, path string, depth int) {
	fields, names := fieldsOf(t)
	pairs, _ := yamlfile.Pairs(n)
	for _, pair := range pairs {
		key := pair.Key.GetToken().Value
		field, known := fields[key]
		if !known {
			hint := obsolete[key]
			if hint == "" {
				hint = didYouMean(key, names)
			}
			o.At(yamlfile.PositionOfKey(pair), fmt.Sprintf("unknown key %q", key), hint)
			continue
		}
		o.visit(pair.Value, field, strings.TrimPrefix(path+"."+key, "."), depth+1)
	}
}

// fieldsOf lists the keys of a struct, in order, with the types of their
// values.
func fieldsOf(t reflect.Type) (map[string]reflect.Type, []string) {
	fields := make(map[string]reflect.Type)
	var names []string
	for i := range t.NumField() {
		name := t.Field(i).Tag.Get("yaml")
		fields[name] = t.Field(i).Type
		names = append(names, name)
	}
	return fields, names
}

// shapes tell which nodes can become which kind of Go value. Numbers and
// truth values can be text, as in value: 4.
var shapes = map[reflect.Kind][]ast.NodeType{
	reflect.Struct: {ast.MappingType, ast.MappingValueType},
	reflect.Map:    {ast.MappingType, ast.MappingValueType},
	reflect.Slice:  {ast.SequenceType},
	reflect.String: {ast.StringType, ast.LiteralType, ast.IntegerType, ast.FloatType, ast.BoolType},
	reflect.Int:    {ast.IntegerType},
	reflect.Bool:   {ast.BoolType},
}

func fits(n ast.Node, kind reflect.Kind) bool {
	for _, shape := range shapes[kind] {
		if n.Type() == shape {
			return true
		}
	}
	return false
}

func describe(n ast.Node) string {
	for _, kind := range []reflect.Kind{reflect.Struct, reflect.Slice, reflect.Int, reflect.Bool, reflect.String} {
		if fits(n, kind) {
			return expectations[kind]
		}
	}
	return "this"
}
