package credentials

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"sync"
)

const keyBits = 2048

// makeKeys makes the keys of those pairs that have none, all at the same time. They
// are made without the lock; when another process was faster, its keys stay.
func makeKeys(f folder, pairs ...string) error {
	missing, err := withoutKey(f, pairs)
	if err != nil || len(missing) == 0 {
		return err
	}
	made, err := generate(len(missing))
	if err != nil {
		return err
	}
	unlock, err := f.lock()
	if err != nil {
		return err
	}
	defer unlock()
	for i, name := range missing {
		if err := keepKey(f, name, made[i]); err != nil {
			return err
		}
	}
	return nil
}

// withoutKey returns the pairs that have no key.
func withoutKey(f folder, pairs []string) ([]string, error) {
	var missing []string
	for _, name := range pairs {
		ok, err := exists(f, name+keyExtension)
		if err != nil {
			return nil, err
		}
		if !ok {
			missing = append(missing, name)
		}
	}
	return missing, nil
}

// keepKey writes a key unless there is one by now. A certificate without a key is
// damage: a key is always written first.
func keepKey(f folder, name string, key []byte) error {
	if ok, err := exists(f, name+keyExtension); ok || err != nil {
		return err
	}
	if ok, err := exists(f, name+certExtension); err != nil {
		return err
	} else if ok {
		return fmt.Errorf("credentials: %s is missing, the key of %s\n"+
			"hint: restore it, or delete the certificate to have both made anew",
			place(f, name+keyExtension), place(f, name+certExtension))
	}
	if err := f.write(name+keyExtension, key); err != nil {
		return fmt.Errorf("credentials: write a key: %w", err)
	}
	return nil
}

func exists(f folder, file string) (bool, error) {
	_, err := f.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("credentials: look for a file: %w", err)
	}
	return true, nil
}

// generate makes n keys in parallel and returns their files.
func generate(n int) ([][]byte, error) {
	made, failed := make([][]byte, n), make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { made[i], failed[i] = generateKey() })
	}
	all.Wait()
	return made, errors.Join(failed...)
}

func generateKey() ([]byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("credentials: make a key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("credentials: make a key: %w", err)
	}
	return encodePEM(keyType, der), nil
}
