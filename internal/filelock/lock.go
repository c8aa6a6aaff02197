package filelock

import (
	"errors"
	"os"
)

// Open opens a file, which is made for its owner alone if it is missing, and takes the
// lock on it. Several can have it shared. The file is nil when somebody else has the
// lock.
func Open(path string, shared bool) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if taken, err := Try(file, shared); !taken || err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
