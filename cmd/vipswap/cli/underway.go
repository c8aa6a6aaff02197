package cli

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/vipswap/vipswap/deployer/approval"
	"github.com/vipswap/vipswap/deployer/release"
)

// An underWay says who carries out a deployment that has not ended.
type underWay struct {
	By       *release.Holder `json:"by"`                 // null when it was cut off
	Question string          `json:"question,omitempty"` // that it waits for an answer to
}

// A lookout knows what is under way in a project.
type lookout struct {
	began     time.Time // to look
	holder    *release.Holder
	questions []approval.Request
}

// lookOut sees who deploys, and what waits for an answer.
func (s *session) lookOut() (lookout, error) {
	began := s.Now()
	holder, err := s.history.Holder()
	if err != nil {
		return lookout{}, err
	}
	state := cmp.Or(s.Getenv(envState), filepath.Join(s.dir, stateFolder))
	questions, err := approval.Open(filepath.Join(state, approvalsFolder)).Pending()
	return lookout{began, holder, questions}, err
}

// at says who carries out a deployment; nil when it has ended, or began meanwhile.
func (l lookout) at(d release.Deployment) *underWay {
	if d.State != release.Executing || l.holder == nil && d.Started.After(l.began) {
		return nil
	}
	u := &underWay{By: l.holder}
	for _, q := range l.questions {
		if strings.HasPrefix(q.ID, d.ID+"-") {
			u.Question = q.ID
		}
	}
	return u
}

// write says what is under way below a table, in a line.
func (u *underWay) write(w io.Writer, what string) {
	if u == nil {
		return
	}
	words := `was cut off: "vipswap resume" goes on with it`
	if u.By != nil {
		words = "is under way: " + u.By.String()
	}
	if u.Question != "" {
		words += fmt.Sprintf("; \"vipswap approve %s\" answers what it asks", u.Question)
	}
	fmt.Fprintf(w, "%s %s\n", what, words)
}
