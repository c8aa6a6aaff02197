package process

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// nameless makes a file with a content that never has a name while it has that: it is
// gone with the last process that has it open, however that ends. It returns nil where
// /dev/fd does not lead to open files.
func nameless(dir string, content []byte) (*os.File, error) {
	f, err := os.CreateTemp(dir, "script")
	if err != nil {
		return nil, err
	}
	err = os.Remove(f.Name())
	if err == nil {
		_, err = os.Stat(fmt.Sprintf("/dev/fd/%d", f.Fd()))
	}
	if err == nil {
		_, err = f.Write(content)
	}
	if err == nil {
		return f, nil
	}
	err = errors.Join(err, f.Close())
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nil, err
}
