package credentials

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

const subscription = "6e0c9c5a-7a1b-4a60-9d9b-2f1d8c0f5e11"

// made is one set of credentials for all tests, since keys take long to make.
var made = sync.OnceValues(func() (*Authority, error) {
	a, err := Ephemeral(WithSubscriptions(subscription))
	if err != nil {
		return nil, err
	}
	_, err = a.ServerCertificate()
	return a, err
})

func ephemeral(t testing.TB) *Authority {
	t.Helper()
	a, err := made()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// filled writes the files of the shared credentials into a new folder, without those
// that are named.
func filled(t testing.TB, without ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "credentials")
	for name, data := range ephemeral(t).folder.(*memory).snapshot() {
		if slices.Contains(without, name) {
			continue
		}
		put(t, dir, name, data)
	}
	return dir
}

func put(t testing.TB, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), folderMode); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, fileMode); err != nil {
		t.Fatal(err)
	}
}

// contents returns the files below dir by their names with slashes, but for the lock.
func contents(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || entry.Name() == lockFile {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// changed returns the names of files that differ between two states of a folder.
func changed(before, after map[string]string) []string {
	var names []string
	for name := range maps.Keys(after) {
		if before[name] != after[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func at(moment time.Time) Option { return WithNow(func() time.Time { return moment }) }

func mustOpen(t testing.TB, dir string, opts ...Option) *Authority {
	t.Helper()
	a, err := Open(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func mustManagement(t testing.TB, a *Authority) *Management {
	t.Helper()
	m, err := a.Management(subscription)
	if err != nil {
		t.Fatal(err)
	}
	return m
}
