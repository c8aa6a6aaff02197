package management

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/vipswap/vipswap/emulator/cloud"
)

// A router finds the operation that a request asks for.
type router struct {
	*mux.Router
	paths map[string]*path // by name of the route, which is the template
}

// newRouter makes one route for each path of the table of operations. Which
// operation of a path is meant, its method and ?comp= tell.
func newRouter() router {
	r := router{mux.NewRouter(), map[string]*path{}}
	for _, p := range paths() {
		r.NewRoute().MatcherFunc(p.match).Name(p.template)
		r.paths[p.template] = p
	}
	return r
}

// route finds the operation that r asks for, and sets vars and query of r. Where
// there is none it returns an operation that refuses. The variables are in match,
// which has a map for them.
func (ro router) route(r *request, match *mux.RouteMatch) *operation {
	if !ro.Match(r.http, match) {
		return refusing(cloud.NewError(cloud.ResourceNotFound))
	}
	r.vars, r.query = match.Vars, lowerQuery(r.http.URL)
	op, err := ro.paths[match.Route.GetName()].choose(r.http.Method, r.query.Get("comp"))
	if err != nil {
		return refusing(err)
	}
	return op
}

// UnknownOperation is the name of what is no operation of the API.
const UnknownOperation = "unknown"

// refusing stands for what is no operation of the API.
func refusing(err error) *operation {
	return &operation{name: UnknownOperation, handle: func(*Server, *request) (answer, error) { return answer{}, err }}
}

// unadmitted stands for the operation of a request that was refused before it
// was looked at.
var unadmitted operation

// path is all operations of one path.
type path struct {
	template string
	words    []word
	rows     []*operation
}

// word is what stands between two slashes of a template: the word itself, or the
// name of a variable.
type word struct {
	text     string
	variable bool
}

// words takes a template apart.
func words(template string) []word {
	var all []word
	for _, text := range strings.Split(template[1:], "/") {
		name, variable := strings.CutPrefix(text, "{")
		all = append(all, word{strings.TrimSuffix(name, "}"), variable})
	}
	return all
}

// match reports whether a request's path, in canonical form, has the form of the
// template, and sets the variables of the match. It stands in for the regular
// expressions that the router makes of templates, which take longer than all
// else of answering a poll.
func (p *path) match(hr *http.Request, match *mux.RouteMatch) bool {
	if !p.walk(hr.URL.Path, nil) {
		return false
	}
	return p.walk(hr.URL.Path, match.Vars)
}

// walk goes along a path and the template together, and reports whether they
// have the same words in the same places. What stands where the template has a
// variable goes into vars, if there are any.
func (p *path) walk(path string, vars map[string]string) bool {
	for _, w := range p.words {
		if path == "" || path[0] != '/' {
			return false
		}
		segment, _, _ := strings.Cut(path[1:], "/")
		if segment == "" || !w.variable && segment != w.text {
			return false
		}
		if w.variable && vars != nil {
			vars[w.text] = segment
		}
		path = path[1+len(segment):]
	}
	return path == ""
}

func paths() []*path {
	var all []*path
	byTemplate := map[string]*path{}
	for i := range operations {
		op := &operations[i]
		p := byTemplate[op.fullPath()]
		if p == nil {
			p = &path{template: op.fullPath(), words: words(op.fullPath())}
			byTemplate[p.template] = p
			all = append(all, p)
		}
		p.rows = append(p.rows, op)
	}
	return all
}

// choose finds the row for a method and comp. An unknown method is refused as
// such, not as a missing page; so is a comp that no operation has, unless the
// method has an operation without one: unknown query parameters are ignored, and
// comp=media on a deployment means nothing more than without.
func (p *path) choose(method, comp string) (*operation, error) {
	var plain *operation
	sameMethod := false
	for _, op := range p.rows {
		if op.method != method {
			continue
		}
		sameMethod = true
		if strings.EqualFold(op.comp, comp) {
			return op, nil
		}
		if op.comp == "" {
			plain = op
		}
	}
	switch {
	case !sameMethod:
		return nil, cloud.NewError(cloud.InvalidHTTPVerb)
	case plain != nil && method == http.MethodGet:
		return plain, nil
	}
	return nil, cloud.NewError(cloud.MissingOrInvalidRequiredQueryParameter)
}

// canonicalPath rewrites the path of u to the form of the table, and returns its
// first segment and whether there are more. Real clients write two slashes where
// one is meant and a slash at the end, and differ in casing; names keep theirs.
func canonicalPath(u *url.URL) (first string, more bool) {
	if !isCanonical(u.Path) {
		u.Path, u.RawPath = canonical(u.Path), ""
	}
	first, _, more = strings.Cut(strings.TrimPrefix(u.Path, "/"), "/")
	return first, more
}

func canonical(path string) string {
	var segments []string
	for _, segment := range strings.Split(path, "/") {
		if lower := strings.ToLower(segment); literals[lower] {
			segment = lower
		}
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	return "/" + strings.Join(segments, "/")
}

// isCanonical reports whether a path is in the form of the table already: no empty
// segments, and no capitals that could be those of a word of the table.
func isCanonical(path string) bool {
	for i := range len(path) {
		c := path[i]
		if c >= 'A' && c <= 'Z' || c == '/' && (i+1 == len(path) || path[i+1] == '/') {
			return false
		}
	}
	return true
}

// literals are the words that paths are made of.
var literals = func() map[string]bool {
	words := map[string]bool{}
	for _, op := range operations {
		for _, word := range strings.Split(op.fullPath(), "/") {
			if word != "" && !strings.HasPrefix(word, "{") {
				words[strings.ToLower(word)] = true
			}
		}
	}
	return words
}()
