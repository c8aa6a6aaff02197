package tempfolder

import (
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// made is when the folders of the tests were made.
var made = time.Date(2026, 3, 5, 14, 7, 9, 0, time.UTC)

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// leave makes a folder with a file in it as a process does that is then killed: it is
// not closed, but its lock is given up.
func leave(t *testing.T, parent string) *Folder {
	t.Helper()
	f := hold(t, parent)
	f.lock.Close()
	return f
}

// hold makes a folder with a file in it, and keeps it locked.
func hold(t *testing.T, parent string) *Folder {
	t.Helper()
	f, err := Place{Parent: parent, Now: at(made)}.Make()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	write(t, filepath.Join(f.Path(), "role", "app.exe"), "x")
	age(t, filepath.Join(f.dir, lockName), made)
	return f
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func age(t *testing.T, file string, to time.Time) {
	t.Helper()
	if err := os.Chtimes(file, to, to); err != nil {
		t.Fatal(err)
	}
}

// there reports whether a file is there, whatever it is.
func there(file string) bool {
	_, err := os.Lstat(file)
	return err == nil
}

func TestFolder(t *testing.T) {
	parent := t.TempDir()
	f, err := Place{Parent: parent}.Make()
	if err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(f.Path())
	if err != nil || len(entries) != 0 {
		t.Errorf("the folder has %v, %v", entries, err)
	}
	if info, err := os.Stat(filepath.Dir(f.Path())); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is no private one: %v, %v", info.Mode(), err)
	}
	write(t, filepath.Join(f.Path(), "a", "b"), "x")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	if _, err := (Place{Parent: filepath.Join(parent, "nowhere")}).Make(); err == nil {
		t.Error("a folder was made in one that is not there")
	}
}

// TestStale makes one more folder beside others, some time later, and looks what is
// left of them.
func TestStale(t *testing.T) {
	if !owned(t) {
		t.Skip("skipped, because it cannot be told whose a file is here")
	}
	const day = 24 * time.Hour
	tests := map[string]struct {
		after time.Duration
		make  func(t *testing.T, parent string) (path string)
		want  bool // it is left
	}{
		"killed long ago":      {day + time.Second, func(t *testing.T, parent string) string { return leave(t, parent).dir }, false},
		"killed a day ago":     {day, func(t *testing.T, parent string) string { return leave(t, parent).dir }, true},
		"dated in the future":  {-day, func(t *testing.T, parent string) string { return leave(t, parent).dir }, true},
		"still at work":        {30 * day, func(t *testing.T, parent string) string { return hold(t, parent).dir }, true},
		"worked on since":      {2 * day, workedOn, false},
		"killed at its begin":  {2 * day, withoutLock, false},
		"begun a moment ago":   {0, withoutLock, true},
		"of another name":      {2 * day, otherName, true},
		"a file of that name":  {2 * day, plainFile, true},
		"a link of that name":  {2 * day, link, true},
		"with a link as lock":  {2 * day, linkedLock, true},
		"with a lock no file":  {2 * day, folderLock, true},
		"with links in it":     {2 * day, linkInside, false},
		"with what is no lock": {2 * day, unreadableLock, os.Getuid() != 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			parent, outside := t.TempDir(), filepath.Join(t.TempDir(), "kept")
			write(t, outside, "not ours to remove")
			t.Setenv("OUTSIDE", outside)
			path := test.make(t, parent)
			f, err := Place{Parent: parent, Now: at(made.Add(test.after))}.Make()
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got := there(path); got != test.want {
				t.Errorf("it is there: %v, want %v", got, test.want)
			}
			if !there(outside) {
				t.Error("a file that a link led to is gone")
			}
		})
	}
}

// TestClear looks what is left of folders that were made a moment ago.
func TestClear(t *testing.T) {
	if !owned(t) {
		t.Skip("skipped, because it cannot be told whose a file is here")
	}
	for name, test := range map[string]struct {
		make func(t *testing.T, parent string) (path string)
		want bool // it is left
	}{
		"killed":          {func(t *testing.T, parent string) string { return leave(t, parent).dir }, false},
		"still at work":   {func(t *testing.T, parent string) string { return hold(t, parent).dir }, true},
		"just begun":      {withoutLock, true},
		"of another name": {otherName, true},
		"a link":          {link, true},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			path := test.make(t, parent)
			Place{Parent: parent, Now: at(made.Add(time.Second))}.Clear()
			if got := there(path); got != test.want {
				t.Errorf("it is there: %v, want %v", got, test.want)
			}
		})
	}
	Place{Parent: filepath.Join(t.TempDir(), "nowhere")}.Clear() // there is nothing to remove
}

// TestMakeWhileOthersClear: a folder is not cleared away while it is made.
func TestMakeWhileOthersClear(t *testing.T) {
	parent, stop := t.TempDir(), make(chan struct{})
	var clearing sync.WaitGroup
	clearing.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				Place{Parent: parent, Now: func() time.Time { return time.Now().Add(time.Hour) }}.Clear()
			}
		}
	})
	for range 200 {
		f, err := Place{Parent: parent}.Make()
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(f.Path(), "file"), "x")
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	close(stop)
	clearing.Wait()
}

// owned reports whether it can be told that a file is this user's.
func owned(t *testing.T) bool {
	f, err := os.Create(filepath.Join(t.TempDir(), lockName))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && ours(info)
}

// workedOn leaves a folder in which something was changed a moment ago.
func workedOn(t *testing.T, parent string) string {
	f := leave(t, parent)
	age(t, f.dir, made.Add(47*time.Hour))
	return f.dir
}

func withoutLock(t *testing.T, parent string) string {
	dir := filepath.Join(parent, prefix+"1")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	age(t, dir, made)
	return dir
}

func otherName(t *testing.T, parent string) string {
	f := leave(t, parent)
	to := filepath.Join(parent, "vipswap-"+filepath.Base(f.dir))
	if err := os.Rename(f.dir, to); err != nil {
		t.Fatal(err)
	}
	return to
}

func plainFile(t *testing.T, parent string) string {
	file := filepath.Join(parent, prefix+"2")
	write(t, file, "x")
	age(t, file, made)
	return file
}

// link leads to a stale folder elsewhere.
func link(t *testing.T, parent string) string {
	f := leave(t, t.TempDir())
	symlink(t, f.dir, filepath.Join(parent, prefix+"3"))
	return f.dir
}

func linkedLock(t *testing.T, parent string) string {
	f := leave(t, parent)
	if err := os.Rename(filepath.Join(f.dir, lockName), filepath.Join(f.dir, "real")); err != nil {
		t.Fatal(err)
	}
	age(t, f.dir, made)
	symlink(t, "real", filepath.Join(f.dir, lockName))
	return f.dir
}

func folderLock(t *testing.T, parent string) string {
	f := leave(t, parent)
	lock := filepath.Join(f.dir, lockName)
	if err := os.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(lock, 0o700); err != nil {
		t.Fatal(err)
	}
	age(t, lock, made)
	return f.dir
}

func linkInside(t *testing.T, parent string) string {
	f := leave(t, parent)
	outside := os.Getenv("OUTSIDE")
	symlink(t, outside, filepath.Join(f.Path(), "link"))
	symlink(t, filepath.Dir(outside), filepath.Join(f.Path(), "links"))
	return f.dir
}

func unreadableLock(t *testing.T, parent string) string {
	f := leave(t, parent)
	if err := os.Chmod(filepath.Join(f.dir, lockName), 0); err != nil {
		t.Fatal(err)
	}
	return f.dir
}

func symlink(t *testing.T, to, from string) {
	t.Helper()
	if err := os.Symlink(to, from); err != nil {
		t.Fatal(err)
	}
}

// TestOthersFolders: a folder of another user is none of ours.
func TestOthersFolders(t *testing.T) {
	if !owned(t) || os.Getuid() != 0 {
		t.Skip("skipped, because only root can give a folder away")
	}
	parent := t.TempDir()
	whole, lockOnly := leave(t, parent), leave(t, parent)
	for _, file := range []string{whole.dir, filepath.Join(lockOnly.dir, lockName)} {
		if err := os.Lchown(file, 12345, 12345); err != nil {
			t.Fatal(err)
		}
	}
	f, err := Place{Parent: parent, Now: at(made.Add(48 * time.Hour))}.Make()
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if diff := cmp.Diff([]bool{true, true}, []bool{there(whole.dir), there(lockOnly.dir)}); diff != "" {
		t.Errorf("mismatch (-want +got):\n%s", diff)
	}
}
