package release

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vipswap/vipswap/deployer/packagework"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/process"
)

// The types below are steps and package work as the file has them.

type processStepFile struct {
	Name         string       `yaml:"name"`
	Script       string       `yaml:"script"`
	ScriptFile   string       `yaml:"scriptFile"`
	Shell        string       `yaml:"shell"`
	HTTP         *checkFile   `yaml:"http"`
	Manual       *manualFile  `yaml:"manual"`
	Webhook      *webhookFile `yaml:"webhook"`
	Condition    string       `yaml:"condition"`
	Environments []string     `yaml:"environments"`
	Excluded     []string     `yaml:"excludedEnvironments"`
	Disabled     bool         `yaml:"disabled"`
	Retries      int          `yaml:"retries"`
	Timeout      string       `yaml:"timeout"`
}

type manualFile struct {
	Instructions string `yaml:"instructions"`
}

type webhookFile struct {
	URL         string       `yaml:"url"`
	Method      string       `yaml:"method"`
	Body        string       `yaml:"body"`
	ContentType string       `yaml:"contentType"`
	Headers     []headerFile `yaml:"headers"`
}

type headerFile struct {
	Name  string `yaml:"name"`
	Value string `yaml:"value"`
}

type packageFile struct {
	SubstituteIn           []string `yaml:"substituteIn"`
	ConfigurationVariables bool     `yaml:"configurationVariables"`
	StructuredVariables    []string `yaml:"structuredVariables"`
	Scripts                *bool    `yaml:"scripts"`
}

type instancesFile struct {
	Role  string `yaml:"role"`
	Count string `yaml:"count"`
}

// RoleCount says how many instances of a role to run, whatever the configuration
// and the slots say.
type RoleCount struct {
	Role  string
	Count string // a template
}

// packageWork checks what to do with the files of the package.
func (r *reader) packageWork(f packageFile) (packagework.Work, bool) {
	for key, patterns := range map[string][]string{"substituteIn": f.SubstituteIn, "structuredVariables": f.StructuredVariables} {
		for i, pattern := range patterns {
			if strings.TrimSpace(pattern) == "" || packagework.CheckPattern(pattern) != nil {
				r.report(fmt.Sprintf("step.package.%s[%d]", key, i), fmt.Sprintf("%q is no pattern of file names", pattern), "for example **/appsettings.json")
			}
		}
	}
	return packagework.Work{
		Substitute: f.SubstituteIn, ConfigurationVariables: f.ConfigurationVariables, Structured: f.StructuredVariables,
	}, f.Scripts != nil && !*f.Scripts
}

// instances checks the numbers of instances by role.
func (r *reader) instances(list []instancesFile) []RoleCount {
	var counts []RoleCount
	for i, f := range list {
		path := fmt.Sprintf("step.instances[%d]", i)
		role := strings.TrimSpace(f.Role)
		r.required(path+".role", role, "the name of the role")
		if r.required(path+".count", f.Count, "the number of instances, or an expression") {
			r.template(path+".count", f.Count)
		}
		if slices.ContainsFunc(counts, func(c RoleCount) bool { return strings.EqualFold(c.Role, role) }) {
			r.report(path+".role", fmt.Sprintf("role %s is listed twice", role), "")
		}
		counts = append(counts, RoleCount{role, strings.TrimSpace(f.Count)})
	}
	return counts
}

// steps checks the steps before or after the one that deploys.
func (r *reader) steps(key string, list []processStepFile, p *Project) {
	for i, f := range list {
		path := fmt.Sprintf("%s[%d]", key, i)
		s := process.Step{Name: strings.TrimSpace(f.Name), Disabled: f.Disabled, Retries: f.Retries}
		if r.required(path+".name", s.Name, "the name of the step") && containsFold(p.stepNames(), s.Name) {
			r.report(path+".name", fmt.Sprintf("there is a step %s already", s.Name), "names of steps are part of their output variables, so each has its own")
		}
		r.action(path, f, &s)
		r.condition(path+".condition", f.Condition, &s)
		s.Environments = r.known(path+".environments", f.Environments, p.Environments)
		s.Excluded = r.known(path+".excludedEnvironments", f.Excluded, p.Environments)
		if s.Retries < 0 || s.Retries > process.MaxRetries {
			r.report(path+".retries", fmt.Sprintf("retries must be between 0 and %d", process.MaxRetries), "")
		}
		if s.Manual != nil && s.Retries > 0 {
			r.report(path+".retries", "a manual intervention is not tried again", "")
		}
		r.duration(path+".timeout", f.Timeout, &s.Timeout)
		p.addStep(key, s)
	}
}

// addStep makes a step known while the file is read.
func (p *Project) addStep(key string, s process.Step) {
	if key == "before" {
		p.Before = append(p.Before, s)
		return
	}
	p.After = append(p.After, s)
}

// stepNames lists the names of all steps.
func (p *Project) stepNames() []string {
	names := []string{p.Step.Name}
	for _, s := range slices.Concat(p.Before, p.After) {
		names = append(names, s.Name)
	}
	return names
}

// stepNumber is the position of a step in the process, from 1; "" is the one that
// deploys.
func (p *Project) stepNumber(name string) string {
	at := len(p.Before)
	for i, s := range p.Before {
		if s.Name == name {
			at = i
		}
	}
	for i, s := range p.After {
		if s.Name == name {
			at = len(p.Before) + 1 + i
		}
	}
	return strconv.Itoa(at + 1)
}

// action takes over what a step does, which is exactly one thing.
func (r *reader) action(path string, f processStepFile, s *process.Step) {
	kinds := 0
	for _, set := range []bool{f.Script != "", f.ScriptFile != "", f.HTTP != nil, f.Manual != nil, f.Webhook != nil} {
		if set {
			kinds++
		}
	}
	switch {
	case kinds != 1:
		r.report(path, "a step needs exactly one of script, scriptFile, http, manual and webhook", "")
	case f.HTTP != nil:
		c := r.check(path+".http", *f.HTTP)
		r.required(path+".http.url", c.URL, "the address to ask")
		s.HTTP = &c
	case f.Manual != nil:
		s.Manual = &process.Manual{Instructions: f.Manual.Instructions}
		r.template(path+".manual.instructions", f.Manual.Instructions)
	case f.Webhook != nil:
		s.Webhook = r.webhook(path+".webhook", *f.Webhook)
	default:
		s.Script = &process.Script{Body: f.Script, File: slashed(f.ScriptFile), Shell: strings.ToLower(f.Shell)}
		r.shellOf(path, *s.Script, "scriptFile")
	}
	if f.Shell != "" && s.Script == nil {
		r.report(path+".shell", "only scripts have a shell", "")
	}
}

// shellOf checks in what a script is written; key is where its file is named.
func (r *reader) shellOf(path string, s process.Script, key string) {
	if s.Shell != "" && !slices.Contains(process.Shells(), s.Shell) {
		r.report(path+".shell", fmt.Sprintf("there is no shell %q", s.Shell), "use one of: "+strings.Join(process.Shells(), ", "))
	}
	if s.File != "" && s.Shell == "" {
		if _, known := process.ShellOf(s.File); !known {
			r.report(path+"."+key, fmt.Sprintf("it is not known how to run %s", s.File), "name the shell, or use a file that ends in .sh, .ps1 or .py")
		}
	}
}

var headerName = regexp.MustCompile(`^[A-Za-z0-9-]+$`)

func (r *reader) webhook(path string, f webhookFile) *process.Webhook {
	w := &process.Webhook{URL: f.URL, Method: strings.ToUpper(f.Method), Body: f.Body, ContentType: f.ContentType}
	if r.required(path+".url", f.URL, "the address to send to") {
		r.template(path+".url", f.URL)
	}
	r.template(path+".body", f.Body)
	methods := []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodGet, http.MethodDelete}
	if !slices.Contains(methods, cmp.Or(w.Method, http.MethodPost)) {
		r.report(path+".method", fmt.Sprintf("%q is not possible here", f.Method), "use one of: "+strings.Join(methods, ", "))
	}
	for i, h := range f.Headers {
		at := fmt.Sprintf("%s.headers[%d]", path, i)
		if !headerName.MatchString(h.Name) {
			r.report(at, fmt.Sprintf("%q cannot be the name of a header", h.Name), "")
		}
		r.template(at+".value", h.Value)
		w.Headers = append(w.Headers, probe.Header{Name: h.Name, Value: h.Value})
	}
	return w
}

// condition reads success, failure, always, or an expression.
func (r *reader) condition(path, value string, s *process.Step) {
	if strings.Contains(value, "#{") {
		s.When, s.Expression = process.WhenVariable, value
		r.template(path, value)
		return
	}
	s.When = process.WhenSuccess
	choose(r, path, value, &s.When, process.WhenSuccess, process.WhenFailure, process.WhenAlways)
}

// known returns the names, which must be environments of the project.
func (r *reader) known(path string, list, environments []string) []string {
	for i, name := range list {
		if !containsFold(environments, name) {
			r.report(fmt.Sprintf("%s[%d]", path, i), fmt.Sprintf("there is no environment %q", name), didYouMean(name, environments))
		}
	}
	return list
}
