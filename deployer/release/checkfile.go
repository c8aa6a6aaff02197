package release

import (
	"github.com/vipswap/vipswap/deployer/probe"
)

// checkFile is an HTTP check as the file has it.
type checkFile struct {
	Name     string       `yaml:"name"`
	URL      string       `yaml:"url"`
	Method   string       `yaml:"method"`
	Headers  []headerFile `yaml:"headers"`
	Status   []int        `yaml:"status"`
	Contains string       `yaml:"contains"`
	Matches  string       `yaml:"matches"`
	JSONPath string       `yaml:"jsonPath"`
	Equals   *string      `yaml:"equals"`
	InARow   int          `yaml:"inARow"`
	Every    string       `yaml:"every"`
	Within   string       `yaml:"within"`
	Timeout  string       `yaml:"timeout"`
	Latency  string       `yaml:"latency"`
	Resolve  []string     `yaml:"resolve"`
}

// check checks what the file says of an HTTP check.
func (r *reader) check(path string, f checkFile) probe.Check {
	c := probe.Check{
		Name: f.Name, URL: f.URL, Method: f.Method, Status: f.Status, Contains: f.Contains, Matches: f.Matches,
		JSONPath: f.JSONPath, Equals: f.Equals, InARow: f.InARow, Resolve: f.Resolve,
	}
	for _, h := range f.Headers {
		c.Headers = append(c.Headers, probe.Header{Name: h.Name, Value: h.Value})
		r.template(path+".headers", h.Value)
	}
	r.duration(path+".every", f.Every, &c.Every)
	r.duration(path+".within", f.Within, &c.Within)
	r.duration(path+".timeout", f.Timeout, &c.Timeout)
	r.duration(path+".latency", f.Latency, &c.Latency)
	for _, p := range c.Problems() {
		r.report(path+"."+p.Field, p.Text, p.Hint)
	}
	r.checkTemplates(path, c)
	return c
}

// checkTemplates checks that the expressions of an HTTP check can be parsed.
func (r *reader) checkTemplates(path string, c probe.Check) {
	r.template(path+".url", c.URL)
	r.template(path+".contains", c.Contains)
	r.template(path+".matches", c.Matches)
	if c.Equals != nil {
		r.template(path+".equals", *c.Equals)
	}
	for _, text := range c.Resolve {
		r.template(path+".resolve", text)
	}
}
