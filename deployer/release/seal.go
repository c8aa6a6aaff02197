package release

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// keyFile has the key that seals the secrets of deployments that are under way. Only
// its owner can read it.
const keyFile = "history.key"

const keySize = 32 // bytes, for AES-256

// A SealedError says that secrets of an interrupted deployment cannot be had.
type SealedError struct {
	Names []string // of the secrets
	Err   error
}

// Error names the secrets, and what to do.
func (e *SealedError) Error() string {
	return fmt.Sprintf("%s cannot be read again: %v\nhint: put %s back, or take the deployment back (\"vipswap resume --undo\") or give it up (--abandon) and deploy anew",
		strings.Join(e.Names, ", "), e.Err, filepath.Join(historyDir, keyFile))
}

// Unwrap returns the reason.
func (e *SealedError) Unwrap() error { return e.Err }

// RecordSecrets writes down that a step has been carried out, with secrets by name
// for whoever goes on after an interruption. They are encrypted under a key in a file
// beside the history, and removed when the deployment ends.
func (h *History) RecordSecrets(id, step, detail string, secrets map[string]string) error {
	if len(secrets) == 0 {
		return h.RecordDone(id, step, detail)
	}
	e := Entry{Step: step, State: Done, Detail: detail}
	for name := range secrets {
		e.Secrets = append(e.Secrets, name)
	}
	slices.Sort(e.Secrets)
	sealer, err := h.sealer(true)
	if err != nil {
		return err
	}
	data, err := json.Marshal(secrets)
	if err != nil {
		return err
	}
	e.Sealed = sealer.Seal(nil, nil, data, sealedFor(id, step))
	return h.append(id, e)
}

// Secrets returns the secrets of an entry of a deployment. The error is a
// *[SealedError] when the key is missing, or is not the one that sealed them.
func (h *History) Secrets(id string, e Entry) (map[string]string, error) {
	if len(e.Secrets) == 0 {
		return nil, nil
	}
	secrets := map[string]string{}
	sealer, err := h.sealer(false)
	if err == nil {
		var data []byte
		if data, err = sealer.Open(nil, nil, e.Sealed, sealedFor(id, e.Step)); err == nil {
			err = json.Unmarshal(data, &secrets)
		}
	}
	if err != nil {
		return nil, &SealedError{e.Secrets, err}
	}
	return secrets, nil
}

// sealedFor binds what is sealed to its place, so that it cannot be put elsewhere.
func sealedFor(id, step string) []byte { return []byte(id + "\n" + step) }

// sealer returns what seals and opens, with a key that is made on demand.
func (h *History) sealer(make bool) (cipher.AEAD, error) {
	path := filepath.Join(h.dir, keyFile)
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && make {
		key, err = newKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("the key of the history: %w", err)
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("the key of the history: %s has %d bytes, not %d", keyFile, len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// newKey makes a key and writes it to disk.
func newKey(path string) ([]byte, error) {
	key := make([]byte, keySize)
	rand.Read(key) // never fails
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(key)
	return key, errors.Join(err, file.Sync(), file.Close(), syncDir(filepath.Dir(path)))
}

// unsealed returns entries without the secrets that a deployment under way had.
func unsealed(journal []Entry) []Entry {
	kept := slices.Clone(journal)
	for i := range kept {
		kept[i].Sealed, kept[i].Secrets = nil, nil
	}
	return kept
}
