package approval

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

// A Request is a question that waits for an answer.
type Request struct {
	ID    string    `json:"id"`             // letters, digits, dots and hyphens; see [Desk.Ask]
	Title string    `json:"title"`          // of what waits, in a few words
	Text  string    `json:"text,omitempty"` // what to look at before answering
	Asked time.Time `json:"asked"`
}

// An Answer is what somebody said to a question.
type Answer struct {
	Approved bool      `json:"approved"`
	Notes    string    `json:"notes,omitempty"`
	By       string    `json:"by,omitempty"` // who said so, as far as known
	At       time.Time `json:"at"`
}

// A NotPendingError says that a question does not wait for an answer.
type NotPendingError struct {
	ID       string
	Answered bool     // somebody has answered it already
	Pending  []string // the ids of those that do wait
}

// Error lists what does wait.
func (e *NotPendingError) Error() string {
	what := fmt.Sprintf("no question %s waits for an answer", e.ID)
	if e.Answered {
		what = fmt.Sprintf("question %s has been answered already", e.ID)
	}
	if len(e.Pending) > 0 {
		what += "\nhint: these wait: " + strings.Join(e.Pending, ", ")
	}
	return what
}

// Limits of what a desk reads and writes.
const (
	maxFile  = 1 << 20 // bytes
	maxNotes = 4 << 10 // characters, as in Octopus' form of notes
)

// ErrNotes is wrapped by the error about notes that are too long.
var ErrNotes = errors.New("the notes are too long")

var validID = lazyregexp.New(`^[A-Za-z0-9][A-Za-z0-9.-]{0,99}$`)

// The ends of the names of a desk's files.
const (
	questionFile = ".question.json"
	answerFile   = ".answer.json"
)

// A Desk is a folder where questions and answers lie.
type Desk struct{ dir string }

// Open returns the desk in a folder, which is made when the first question comes.
func Open(dir string) Desk { return Desk{dir} }

// Ask puts a question on the desk. Asking the same again, after a restart, changes
// nothing: an answer that came meanwhile stays. Errors are those of the file system
// and of an id that is no file name.
func (d Desk) Ask(r Request) error {
	if !validID().MatchString(r.ID) {
		return fmt.Errorf("%q cannot be the id of a question", r.ID)
	}
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return fmt.Errorf("ask: %w", err)
	}
	err := d.write(r.ID+questionFile, r)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Pending lists the questions without answer, the oldest first.
func (d Desk) Pending() ([]Request, error) {
	names, err := filepath.Glob(filepath.Join(d.dir, "*"+questionFile))
	if err != nil {
		return nil, err
	}
	var pending []Request
	for _, name := range names {
		id := strings.TrimSuffix(filepath.Base(name), questionFile)
		if _, answered, err := d.Answered(id); answered || err != nil {
			continue
		}
		var r Request
		switch err := d.read(id+questionFile, &r); {
		case errors.Is(err, fs.ErrNotExist): // taken away meanwhile
		case err != nil:
			return nil, err
		default:
			pending = append(pending, r)
		}
	}
	slices.SortStableFunc(pending, func(a, b Request) int { return a.Asked.Compare(b.Asked) })
	return pending, nil
}

// Answer gives the answer to a question. The error is a *[NotPendingError] when
// there is no such question or it is answered, and wraps [ErrNotes] when the notes
// have more than 4,096 characters.
func (d Desk) Answer(id string, a Answer) error {
	if len([]rune(a.Notes)) > maxNotes {
		return fmt.Errorf("answer %s: %w: at most %d characters are kept", id, ErrNotes, maxNotes)
	}
	pending, err := d.Pending()
	if err != nil {
		return err
	}
	var ids []string
	for _, r := range pending {
		ids = append(ids, r.ID)
	}
	if !slices.Contains(ids, id) {
		_, answered, _ := d.Answered(id)
		return &NotPendingError{ID: id, Answered: answered, Pending: ids}
	}
	err = d.write(id+answerFile, a)
	if errors.Is(err, fs.ErrExist) {
		return &NotPendingError{ID: id, Answered: true}
	}
	return err
}

// Answered returns the answer to a question, and whether there is one.
func (d Desk) Answered(id string) (Answer, bool, error) {
	var a Answer
	if !validID().MatchString(id) {
		return a, false, nil
	}
	err := d.read(id+answerFile, &a)
	if errors.Is(err, fs.ErrNotExist) {
		return a, false, nil
	}
	return a, err == nil, err
}

// Remove takes a question and its answer off the desk; it is no error when they
// are not there.
func (d Desk) Remove(id string) error {
	var errs []error
	for _, end := range []string{questionFile, answerFile} {
		if err := os.Remove(filepath.Join(d.dir, id+end)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// RemoveOf takes all questions off the desk whose ids begin with a prefix and a hyphen,
// with their answers.
func (d Desk) RemoveOf(prefix string) error {
	var errs []error
	for _, end := range []string{questionFile, answerFile} {
		names, err := filepath.Glob(filepath.Join(d.dir, prefix+"-*"+end))
		errs = append(errs, err)
		for _, name := range names {
			errs = append(errs, d.Remove(strings.TrimSuffix(filepath.Base(name), end)))
		}
	}
	return errors.Join(errs...)
}

// write makes a file that appears whole. The error wraps fs.ErrExist when there is
// one of that name.
func (d Desk) write(name string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(d.dir, ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	_, err = temp.Write(append(data, '\n'))
	if err := errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Link(temp.Name(), filepath.Join(d.dir, name))
}

func (d Desk) read(name string, v any) error {
	f, err := os.Open(filepath.Join(d.dir, name))
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFile))
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// String says what was answered, by whom, with the notes.
func (a Answer) String() string {
	words := "rejected"
	if a.Approved {
		words = "approved"
	}
	if a.By != "" {
		words += " by " + a.By
	}
	if a.Notes != "" {
		words += ": " + a.Notes
	}
	return words
}
