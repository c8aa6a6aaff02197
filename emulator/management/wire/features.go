package wire

import (
	"fmt"
	"reflect"
)

// A Feature is an element that answers of some versions have and others have not.
type Feature struct {
	Path  string  // from the root, as in Deployment/RoleInstanceList/RoleInstance/IpAddress
	Since Version // first version with the element, or "" when all from the first on have it
	Until Version // first version without it again, or ""
}

// Features lists the elements of the given documents that depend on the version,
// in the order of the documents. A document is given by a value of its struct or a
// pointer to one, which may be nil. An element below another one that depends on
// the version is listed with what its own tag says. A wrong struct (see [Marshal])
// is a mistake in the program and panics.
func Features(documents ...any) []Feature {
	var found []Feature
	for _, document := range documents {
		t := reflect.TypeOf(document)
		if t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		p, err := planOf(t)
		if err == nil && p.root == "" {
			err = fmt.Errorf("wire: features of %s: %w", t, errNoRoot)
		}
		if err != nil {
			panic(err)
		}
		w := featureWalk{open: map[*plan]bool{}}
		w.plan(p, p.root)
		found = append(found, w.found...)
	}
	return found
}

// A featureWalk collects features; open holds the plans on the way down, since a
// type can contain itself.
type featureWalk struct {
	open  map[*plan]bool
	found []Feature
}

func (w *featureWalk) plan(p *plan, path string) {
	if w.open[p] {
		return
	}
	w.open[p] = true
	defer delete(w.open, p)
	for i := range p.fields {
		f := &p.fields[i]
		at := path + "/" + f.name
		if f.since != "" || f.until != "" {
			w.found = append(w.found, Feature{Path: at, Since: f.since, Until: f.until})
		}
		w.node(f.node, at, f.flat)
	}
}

// node goes on below an element. A flat list's items are the element itself.
func (w *featureWalk) node(n *node, path string, flat bool) {
	if n.shape == listShape {
		if !flat {
			path += "/" + n.element.name.Local
		}
		n = n.item
	}
	if n.shape == structureShape {
		w.plan(n.fields, path)
	}
}
