package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/vipswap/vipswap/emulator"
)

// serving tells how to reach a running emulator: what the ready file holds.
type serving struct {
	ManagementURL       string `json:"managementURL"`
	BlobURL             string `json:"blobURL"`
	ControlURL          string `json:"controlURL"`
	ControlToken        string `json:"controlToken,omitempty"` // "" when none is asked for
	SubscriptionID      string `json:"subscriptionID"`
	CAFile              string `json:"caFile"`
	CertFile            string `json:"certFile"`
	KeyFile             string `json:"keyFile"`
	PFXFile             string `json:"pfxFile"`
	PublishSettingsFile string `json:"publishSettingsFile"`
	PID                 int    `json:"pid"`
}

// describeServing describes an emulator of this process whose credentials are in
// a folder, and writes its publish settings there.
func describeServing(e *emulator.Emulator) (serving, error) {
	m := e.Management()
	if err := m.WritePublishSettings(e.ManagementURL(), "vipswap emulator"); err != nil {
		return serving{}, err
	}
	return serving{
		ManagementURL: e.ManagementURL(), BlobURL: e.BlobURL(), ControlURL: e.ControlURL(), ControlToken: e.ControlToken(),
		SubscriptionID: e.Subscription(), CAFile: e.Authority().CAFile(),
		CertFile: m.CertFile, KeyFile: m.KeyFile, PFXFile: m.PFXFile, PublishSettingsFile: m.PublishSettingsFile,
		PID: os.Getpid(),
	}, nil
}

// write writes the description to a file, whole.
func (s serving) write(path string) error {
	var b bytes.Buffer
	if err := writeJSON(&b, s); err != nil {
		return err
	}
	return writeFile(path, b.Bytes())
}

// maxServing bounds a description, in bytes.
const maxServing = 1 << 16

func readServing(path string) (serving, error) {
	var s serving
	info, err := os.Stat(path)
	if err != nil {
		return s, err
	}
	if info.Size() > maxServing {
		return s, fmt.Errorf("%s is too large to be what an emulator wrote", path)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(data, &s); err != nil || s.ManagementURL == "" {
		return s, fmt.Errorf("%s is not what an emulator wrote", path)
	}
	return s, nil
}

// alive reports whether the process that wrote the description still runs.
func (s serving) alive() bool {
	process, err := os.FindProcess(s.PID)
	if err != nil || s.PID <= 0 {
		return false
	}
	if runtime.GOOS == "windows" {
		return true // a process that is gone is not found there
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// writeFile writes a file that only its owner can read, so that readers see it
// whole or not at all.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
