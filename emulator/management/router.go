package management

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gorilla/mux"

	"github.com/vipswap/vipswap/emulator/cloud"
)

type requestKey struct{}

func withRequest(hr *http.Request, r *request) *http.Request {
	return hr.WithContext(context.WithValue(hr.Context(), requestKey{}, r))
}

// newRouter makes one route for each path of the table of operations. Which
// operation of a path is meant, its method and ?comp= tell.
func newRouter(s *Server) http.Handler {
	router := mux.NewRouter().SkipClean(true)
	for _, path := range paths() {
		router.Handle(path.template, path.handler(s)).Name(path.template)
	}
	router.NotFoundHandler = http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		s.run(w, hr.Context().Value(requestKey{}).(*request), &unknownPath)
	})
	return router
}

var unknownPath = operation{name: "unknown", handle: func(*Server, *request) (answer, error) {
	return answer{}, cloud.NewError(cloud.ResourceNotFound)
}}

// path is all operations of one path.
type path struct {
	template string
	rows     []*operation
}

func paths() []*path {
	var all []*path
	byTemplate := map[string]*path{}
	for i := range operations {
		op := &operations[i]
		p := byTemplate[op.fullPath()]
		if p == nil {
			p = &path{template: op.fullPath()}
			byTemplate[p.template] = p
			all = append(all, p)
		}
		p.rows = append(p.rows, op)
	}
	return all
}

func (p *path) handler(s *Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		r := hr.Context().Value(requestKey{}).(*request)
		r.vars, r.query = mux.Vars(hr), lowerQuery(hr.URL)
		op, err := p.choose(hr.Method, r.query.Get("comp"))
		if err != nil {
			op = &operation{name: "unknown", handle: func(*Server, *request) (answer, error) { return answer{}, err }}
		}
		s.run(w, r, op)
	})
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
// segments. Real clients write two slashes where one is meant and a slash at the
// end, and differ in casing; names keep theirs.
func canonicalPath(u *url.URL) []string {
	if !strings.Contains(u.Path, "//") && !strings.HasSuffix(u.Path, "/") && !hasUpperWord(u.Path) {
		return strings.Split(u.Path[min(1, len(u.Path)):], "/")
	}
	var segments []string
	for _, segment := range strings.Split(u.Path, "/") {
		if lower := strings.ToLower(segment); literals[lower] {
			segment = lower
		}
		if segment != "" {
			segments = append(segments, segment)
		}
	}
	u.Path, u.RawPath = "/"+strings.Join(segments, "/"), ""
	if len(segments) == 0 {
		return []string{""}
	}
	return segments
}

// hasUpperWord reports whether a word of the table could be spelt with capitals
// in path.
func hasUpperWord(path string) bool {
	return strings.ContainsFunc(path, func(c rune) bool { return c >= 'A' && c <= 'Z' })
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
