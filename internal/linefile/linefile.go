// Package linefile appends lines to a file that others append to as well, and that a
// full disk or the end of a process can leave with half a line:
//
//	audit, err := linefile.Append("audit.jsonl")
//	...
//	defer audit.Close()
//	audit.Write([]byte(`{"event":"run"}` + "\n"))
package linefile

import (
	"errors"
	"io"
	"os"
)

// A File has lines, to which more are appended.
type File struct {
	file *os.File
	look *os.File // the same file, for reading; nil where there is nothing to look at
}

// Append opens the file at a path to append to it, and makes it, for its owner alone,
// if it is missing.
func Append(path string) (*File, error) {
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	f := &File{file: file}
	if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
		f.look, _ = os.Open(path) // who may not read it can write all the same
	}
	return f, nil
}

// Write appends a line in one piece. When the last one was cut short, by a disk that
// was full or the end of its process, this one begins a line of its own.
func (f *File) Write(line []byte) (int, error) {
	if !f.cut() {
		return f.file.Write(line)
	}
	n, err := f.file.Write(append([]byte{'\n'}, line...))
	return max(n-1, 0), err
}

// cut reports whether the file has a last line without an end.
func (f *File) cut() bool {
	if f.look == nil {
		return false
	}
	info, err := f.look.Stat()
	if err != nil || info.Size() == 0 {
		return false
	}
	last := make([]byte, 1)
	_, err = f.look.ReadAt(last, info.Size()-1)
	return err == nil && last[0] != '\n'
}

// Close closes the file.
func (f *File) Close() error {
	var err error
	if f.look != nil {
		err = f.look.Close()
	}
	return errors.Join(err, f.file.Close())
}

var _ io.WriteCloser = (*File)(nil)
