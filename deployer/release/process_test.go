package release

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// childTask, in the environment, makes the test binary run as one of
// childTasks in the folder that childFolder names, instead of testing.
const (
	childTask   = "RELEASE_TEST_CHILD"
	childFolder = "RELEASE_TEST_FOLDER"
)

var childTasks = map[string]func(folder string) error{"write": writeForever, "hold": hold}

func TestMain(m *testing.M) {
	task, ok := childTasks[os.Getenv(childTask)]
	if !ok {
		os.Exit(m.Run())
	}
	if err := task(os.Getenv(childFolder)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// startChild runs a task in a process of its own and returns its output.
func startChild(t *testing.T, task, folder string) (*exec.Cmd, *bufio.Scanner, io.WriteCloser) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), childTask+"="+task, childFolder+"="+folder)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	return cmd, bufio.NewScanner(out), in
}

// writeForever journals steps of one deployment and creates releases, and
// prints each write after it is acknowledged.
func writeForever(folder string) error {
	h, err := OpenHistory(folder, Options{Now: time.Now})
	if err != nil {
		return err
	}
	p, err := LoadProject(folder)
	if err != nil {
		return err
	}
	unfinished, err := h.Unfinished()
	if err != nil || len(unfinished) != 1 {
		return fmt.Errorf("%d unfinished deployments, %w", len(unfinished), err)
	}
	d := unfinished[0]
	for i := len(d.Journal); ; i++ {
		step := fmt.Sprint("step ", i)
		if err := h.RecordIntent(d.ID, step, strings.Repeat("x", 100)); err != nil {
			return err
		}
		fmt.Println("intent", i)
		number := fmt.Sprintf("2.0.%d", i)
		n := NewRelease{Number: number, Package: folder + "/app.cspkg", Configurations: []string{folder + "/ServiceConfiguration.Cloud.cscfg"}, Project: p}
		if _, _, err := h.CreateRelease(n); err != nil {
			return err
		}
		fmt.Println("release", number)
	}
}

// TestKilledWhileWriting kills a process again and again in the middle of its
// writes. What it had acknowledged must be there, and nothing may be broken.
func TestKilledWhileWriting(t *testing.T) {
	folder := t.TempDir()
	sourceFiles(t, folder)
	if err := os.WriteFile(folder+"/"+FileName, []byte(smallProject), 0o666); err != nil {
		t.Fatal(err)
	}
	h := openHistory(t, folder)
	p := mustProject(t, smallProject)
	createRelease(t, h, "1.0", p)
	d, err := h.QueueDeployment(NewDeployment{Release: "1.0", Environment: "Staging", Project: p})
	if err == nil {
		_, err = h.StartDeployment(d.ID)
	}
	if err := errors.Join(err, h.Close()); err != nil {
		t.Fatal(err)
	}
	var acknowledged []string
	for round := range 4 {
		cmd, lines, _ := startChild(t, "write", folder)
		for range 3 + 4*round {
			if !lines.Scan() {
				t.Fatalf("round %d: the child ended: %v", round, lines.Err())
			}
			acknowledged = append(acknowledged, lines.Text())
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() { // what it had acknowledged before the signal came
			acknowledged = append(acknowledged, lines.Text())
		}
		cmd.Wait()
		checkAcknowledged(t, folder, d.ID, acknowledged)
	}
}

func checkAcknowledged(t *testing.T, folder, id string, acknowledged []string) {
	t.Helper()
	h := openHistory(t, folder)
	defer h.Close()
	d, err := h.Deployment(id)
	if err != nil {
		t.Fatal(err)
	}
	if d.State != Executing {
		t.Errorf("the deployment is %s", d.State)
	}
	steps := make(map[string]bool)
	for _, e := range d.OpenIntents() {
		steps[strings.Replace(e.Step, "step", "intent", 1)] = true
	}
	for _, line := range acknowledged {
		number, isRelease := strings.CutPrefix(line, "release ")
		if !isRelease {
			if !steps[line] {
				t.Errorf("%s was acknowledged and is gone", line)
			}
			continue
		}
		r, err := h.Release(number)
		if err == nil {
			_, err = h.Files(r)
		}
		if err != nil {
			t.Errorf("%s was acknowledged: %v", line, err)
		}
	}
	// What was written but not acknowledged must be whole as well.
	releases, err := h.Releases()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range releases {
		if _, err := h.Files(r); err != nil {
			t.Error(err)
		}
	}
}

// hold deploys until its input ends.
func hold(folder string) error {
	clock := func() time.Time { return time.Date(2026, 3, 5, 14, 7, 9, 0, time.UTC) }
	h, err := OpenHistory(folder, Options{Now: clock})
	if err == nil {
		err = h.Hold("vipswap release deploy 1.0")
	}
	if err != nil {
		return err
	}
	fmt.Println("open")
	io.Copy(io.Discard, os.Stdin)
	return h.Close()
}

func TestTwoProcesses(t *testing.T) {
	folder := t.TempDir()
	cmd, lines, in := startChild(t, "hold", folder)
	if !lines.Scan() {
		t.Fatal("the child does not deploy")
	}
	h := openHistory(t, folder)
	err := h.Hold("another")
	var held *HeldError
	if !errors.As(err, &held) || held.Holder == nil {
		t.Fatalf("error %v does not say who deploys", err)
	}
	want := fmt.Sprintf(`in use by "vipswap release deploy 1.0" (process %d) since 2026-03-05T14:07:09Z`, cmd.Process.Pid)
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %s", err, want)
	}
	if holder, err := h.Holder(); err != nil || holder == nil || holder.PID != cmd.Process.Pid {
		t.Errorf("the holder is %+v, %v", holder, err)
	}
	// All but deploying goes on meanwhile.
	createRelease(t, h, "1.0", mustProject(t, smallProject))
	if _, _, err := h.BlockRelease("1.0", "it is bad"); err != nil {
		t.Error(err)
	}
	// The note is damaged: the answer is less, but right.
	if err := os.WriteFile(folder+"/"+historyDir+"/"+holderFile, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := h.Hold("another"); !errors.As(err, &held) || held.Holder != nil {
		t.Errorf("error %v", err)
	}
	if holder, err := h.Holder(); err != nil || holder == nil || holder.PID != 0 {
		t.Errorf("without a note the holder is %+v, %v", holder, err)
	}
	// It waits, while the other one finishes.
	in.Close()
	h.wait = time.Minute
	if err := h.Hold("another"); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("the child: %v", err)
	}
	if err := h.Close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(folder + "/" + historyDir + "/" + holderFile); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the note of the holder is still there: %v", err)
	}
}

// TestKilledHolder kills a process that deploys: nobody does any more, whatever it
// left behind.
func TestKilledHolder(t *testing.T) {
	folder := t.TempDir()
	cmd, lines, _ := startChild(t, "hold", folder)
	if !lines.Scan() {
		t.Fatal("the child does not deploy")
	}
	cmd.Process.Kill()
	cmd.Wait()
	h := openHistory(t, folder)
	if holder, err := h.Holder(); holder != nil || err != nil {
		t.Errorf("the holder is %+v, %v", holder, err)
	}
	for range 2 { // it holds it already
		if err := h.Hold("the next"); err != nil {
			t.Error(err)
		}
	}
	if holder, err := h.Holder(); holder != nil || err != nil {
		t.Errorf("a process sees itself as another: %+v, %v", holder, err)
	}
	// Who only looks does not keep others from deploying.
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	other := openHistory(t, folder)
	if err := other.Hold("another"); err != nil {
		t.Error(err)
	}
}

// TestHistoryIsPrivate opens a history that an older version left to everybody.
func TestHistoryIsPrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped, because files have no such permissions there")
	}
	folder := t.TempDir()
	openHistory(t, folder)
	file := filepath.Join(folder, historyDir, historyFile)
	for _, before := range []os.FileMode{0o600, 0o644, 0o660} {
		if err := os.Chmod(file, before); err != nil {
			t.Fatal(err)
		}
		openHistory(t, folder)
		info, err := os.Stat(file)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("from %v: %v, %v", before, info.Mode(), err)
		}
	}
}

// TestManyAtOnce has several histories of one folder read and write at the same time.
func TestManyAtOnce(t *testing.T) {
	folder := t.TempDir()
	p := mustProject(t, smallProject)
	source := sourceFiles(t, t.TempDir())
	var group sync.WaitGroup
	for i := range 4 {
		h := openHistory(t, folder)
		group.Go(func() {
			n := source
			n.Number, n.Project = fmt.Sprintf("%d.0", i), p
			_, _, err := h.CreateRelease(n)
			_, listErr := h.Releases()
			if err := errors.Join(err, listErr); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if releases, err := openHistory(t, folder).Releases(); len(releases) != 4 || err != nil {
		t.Errorf("%d releases, %v", len(releases), err)
	}
}
