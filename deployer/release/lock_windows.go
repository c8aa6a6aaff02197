package release

import (
	"errors"
	"os"
	"syscall"
)

// sharingViolation is the error of a file that another process has open.
const sharingViolation = syscall.Errno(32)

// lockFile takes the lock on a file, which is made if it is missing, for as long as it
// stays open; the system gives it up with the process. Several can have it shared. It
// returns nil when another process has it.
func lockFile(path string, shared bool) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	share := uint32(0)
	if shared {
		share = syscall.FILE_SHARE_READ | syscall.FILE_SHARE_WRITE
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_READ|syscall.GENERIC_WRITE, share, nil, syscall.OPEN_ALWAYS, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, sharingViolation) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(handle), path), nil
}
