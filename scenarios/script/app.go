package script

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/vipswap/vipswap/emulator/universe"
	"github.com/vipswap/vipswap/scenarios/stage"
)

// app serves, instead of what runs in the cloud, with the answers in args.
func (s *Script) app(args []string) error {
	if len(args) == 1 && args[0] == "requests" {
		return s.appRequests()
	}
	var rules []appRule
	for _, arg := range args {
		rule, err := s.parseAppRule(arg)
		if err != nil {
			return err
		}
		rules = append(rules, rule)
	}
	if s.application == nil {
		a, err := s.openApp()
		if err != nil {
			return err
		}
		s.application = a
	}
	s.application.behave(rules)
	return nil
}

// openApp begins to listen, until the script ends.
func (s *Script) openApp() (*application, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &application{shop: func() (universe.Service, error) { return s.service(stage.ServiceName) }}
	server := &http.Server{Handler: a, ReadHeaderTimeout: time.Minute}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.ts.Defer(func() {
		server.Close()
		<-served
	})
	s.setenv("APP", listener.Addr().String())
	return a, nil
}

func (s *Script) appRequests() error {
	if s.application == nil {
		return errors.New("no application serves")
	}
	lines := s.application.requests()
	if len(lines) == 0 {
		lines = []string{"nothing was asked"}
	}
	for _, line := range lines {
		s.out("%s", line)
	}
	return nil
}

// An appRule says how an application answers what its key fits.
type appRule struct {
	key     string
	answers []appAnswer // in order; the last one stays
}

type appAnswer struct {
	status int
	body   []byte
	delay  time.Duration
}

// maxRepeat bounds how often one answer is given in a row.
const maxRepeat = 1000

// parseAppRule reads KEY=ANSWER[,ANSWER...].
func (s *Script) parseAppRule(text string) (appRule, error) {
	key, answers, found := strings.Cut(text, "=")
	if !found || key == "" {
		return appRule{}, usage("%q does not say what is answered, as KEY=STATUS", text)
	}
	rule := appRule{key: key}
	for one := range strings.SplitSeq(answers, ",") {
		one, times, err := cutRepeat(one)
		if err != nil {
			return rule, err
		}
		a, err := s.parseAppAnswer(one)
		if err != nil {
			return rule, err
		}
		for range times {
			rule.answers = append(rule.answers, a)
		}
	}
	return rule, nil
}

// cutRepeat cuts xN off an answer.
func cutRepeat(text string) (answer string, times int, err error) {
	answer, number, found := strings.Cut(text, "x")
	if !found || strings.Contains(text, "@") {
		return text, 1, nil
	}
	times, err = strconv.Atoi(number)
	if err != nil || times < 1 || times > maxRepeat {
		return "", 0, usage("%q is no answer that is given so many times, such as 200x3", text)
	}
	return answer, times, nil
}

// parseAppAnswer reads STATUS[~DELAY][@FILE].
func (s *Script) parseAppAnswer(text string) (a appAnswer, err error) {
	text, file, hasBody := strings.Cut(text, "@")
	status, delay, slow := strings.Cut(text, "~")
	if a.status, err = strconv.Atoi(status); err != nil || a.status < 200 || a.status > 599 {
		return a, usage("%q is not the status of an answer", status)
	}
	if slow {
		if a.delay, err = duration(delay); err != nil {
			return a, err
		}
	}
	if hasBody {
		a.body, err = os.ReadFile(s.ts.MkAbs(file))
	}
	return a, err
}

// An application answers for what runs in the slots of the shop.
type application struct {
	shop func() (universe.Service, error)

	mu    sync.Mutex // guards what follows
	rules []appRule
	log   []string
}

func (a *application) behave(rules []appRule) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.rules, a.log = rules, nil
}

func (a *application) requests() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.log...)
}

// ServeHTTP answers by the first rule that fits.
func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	slot, label, err := a.place(r.Host)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer := a.answer([]string{label, slot, r.URL.Path, "*"})
	if answer.delay > 0 {
		wait := time.NewTimer(answer.delay)
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-r.Context().Done():
		}
	}
	w.WriteHeader(answer.status)
	_, _ = w.Write(answer.body) // nobody may be left to read it
	a.mu.Lock()
	defer a.mu.Unlock()
	a.log = append(a.log, fmt.Sprintf("%s %s%s %s %d", r.Method, r.Host, r.URL.Path, slot, answer.status))
}

// place finds the slot whose public name a host is, and the label of what it holds.
func (a *application) place(host string) (slot, label string, err error) {
	shop, err := a.shop()
	if err != nil {
		return "", "", err
	}
	first, _, _ := strings.Cut(host, ".")
	for name, s := range map[string]universe.Slot{"production": shop.Production, "staging": shop.Staging} {
		if s.Host != "" && strings.EqualFold(s.Host, first) {
			slot = name
			if s.Deployment != nil {
				label = s.Deployment.Label
			}
		}
	}
	return slot, label, nil
}

// answer takes the next answer of the first rule with one of the keys.
func (a *application) answer(keys []string) appAnswer {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i := range a.rules {
		rule := &a.rules[i]
		for _, key := range keys {
			if key == "" || !strings.EqualFold(rule.key, key) {
				continue
			}
			next := rule.answers[0]
			if len(rule.answers) > 1 {
				rule.answers = rule.answers[1:]
			}
			return next
		}
	}
	return appAnswer{status: http.StatusNotFound}
}
