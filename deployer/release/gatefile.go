package release

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vipswap/vipswap/deployer"
	"github.com/vipswap/vipswap/deployer/probe"
	"github.com/vipswap/vipswap/deployer/process"
)

// The types below are gates as the file has them.

type gatesFile struct {
	Ready    *bool               `yaml:"ready"`
	Checks   []checkFile         `yaml:"checks"`
	Pause    string              `yaml:"pause"`
	Question string              `yaml:"question"`
	Bake     *bakeFile           `yaml:"bake"`
	Hooks    map[string]hookFile `yaml:"hooks"`
}

type bakeFile struct {
	For    string      `yaml:"for"`
	Every  string      `yaml:"every"`
	Budget int         `yaml:"budget"`
	InARow int         `yaml:"inARow"`
	Checks []checkFile `yaml:"checks"`
}

type hookFile struct {
	Run       string `yaml:"run"`
	File      string `yaml:"file"`
	Shell     string `yaml:"shell"`
	Timeout   string `yaml:"timeout"`
	OnFailure string `yaml:"onFailure"`
}

// pauseBeforeSwap is the only place for a pause.
const pauseBeforeSwap = "before-swap"

// gates checks what has to hold around a swap.
func (r *reader) gates(path string, f *gatesFile) deployer.Gates {
	if f == nil {
		return deployer.Gates{}
	}
	g := deployer.Gates{Ready: f.Ready == nil || *f.Ready, Question: f.Question, Pause: f.Pause != "" || f.Question != ""}
	if f.Pause != "" && !strings.EqualFold(f.Pause, pauseBeforeSwap) {
		r.report(path+".pause", fmt.Sprintf("%q is not possible here", f.Pause), "write pause: "+pauseBeforeSwap)
	}
	r.template(path+".question", f.Question)
	g.Checks = r.gateChecks(path+".checks", f.Checks)
	if f.Bake != nil {
		g.Bake = r.bake(path+".bake", *f.Bake, g.Checks)
	}
	for _, at := range slices.Sorted(maps.Keys(f.Hooks)) {
		g.Hooks = append(g.Hooks, r.hook(path+".hooks."+at, at, f.Hooks[at]))
	}
	return g
}

func (r *reader) gateChecks(path string, list []checkFile) []probe.Check {
	var all []probe.Check
	for i, f := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		r.required(at+".url", f.URL, "the address to ask, or a path such as /health")
		c := r.check(at, f)
		if err := deployer.CheckSlotWords(c); err != nil {
			r.report(at+".url", err.Error(), "")
		}
		all = append(all, c)
	}
	return all
}

// bake checks how production is watched; without checks of its own it makes those
// from before the swap.
func (r *reader) bake(path string, f bakeFile, before []probe.Check) *deployer.Bake {
	b := &deployer.Bake{Budget: f.Budget, InARow: f.InARow, Checks: before}
	if r.required(path+".for", f.For, "for how long production is watched") {
		r.duration(path+".for", f.For, &b.For)
	}
	r.duration(path+".every", f.Every, &b.Every)
	if f.Budget < 0 {
		r.report(path+".budget", "budget is a number of looks that may fail, at least 0", "")
	}
	if f.InARow < 0 {
		r.report(path+".inARow", "inARow is a number of looks, at least 1", "")
	}
	if f.Checks != nil {
		b.Checks = r.gateChecks(path+".checks", f.Checks)
	}
	return b
}

// hook checks a command around a step.
func (r *reader) hook(path, at string, f hookFile) deployer.Hook {
	h := deployer.Hook{At: at, Run: f.Run, File: slashed(f.File), Shell: strings.ToLower(f.Shell)}
	if !slices.Contains(deployer.HookPoints(), at) {
		r.report(path, fmt.Sprintf("there is no hook %q", at), didYouMean(at, deployer.HookPoints()))
	}
	if (f.Run == "") == (f.File == "") {
		r.report(path, "a hook needs exactly one of run and file", "")
	}
	r.shellOf(path, process.Script{File: slashed(f.File), Shell: h.Shell}, "file")
	r.duration(path+".timeout", f.Timeout, &h.Timeout)
	choose(r, path+".onFailure", f.OnFailure, &h.OnFailure, deployer.HookStop, deployer.HookContinue)
	return h
}
