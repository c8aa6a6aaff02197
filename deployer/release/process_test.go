package release

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
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
	h, err := OpenHistory(folder, Options{Now: time.Now, Command: "vipswap release deploy 1.0", Wait: time.Minute})
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

// hold keeps the history open until its input ends.
func hold(folder string) error {
	clock := func() time.Time { return time.Date(2026, 3, 5, 14, 7, 9, 0, time.UTC) }
	h, err := OpenHistory(folder, Options{Now: clock, Command: "vipswap release deploy 1.0"})
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
		t.Fatal("the child does not open the history")
	}
	_, err := OpenHistory(folder, Options{Now: newClock().Now})
	var held *HeldError
	if !errors.As(err, &held) || held.Holder == nil {
		t.Fatalf("error %v does not say who holds the history", err)
	}
	want := fmt.Sprintf(`in use by "vipswap release deploy 1.0" (process %d) since 2026-03-05T14:07:09Z`, cmd.Process.Pid)
	if !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one that says %s", err, want)
	}
	// The note is damaged: the answer is less, but right.
	if err := os.WriteFile(folder+"/"+historyDir+"/"+holderFile, []byte("{"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenHistory(folder, Options{Now: newClock().Now}); !errors.As(err, &held) || held.Holder != nil {
		t.Errorf("error %v", err)
	}
	// It waits, while the other one finishes.
	in.Close()
	h, err := OpenHistory(folder, Options{Now: newClock().Now, Wait: time.Minute})
	if err != nil {
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
