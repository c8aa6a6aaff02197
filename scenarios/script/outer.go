package script

import (
	"archive/zip"
	"errors"
	"os"
	"path/filepath"
)

// outer zips files into an outer package, each under its own name alone.
func (s *Script) outer(args []string) error {
	file, err := os.Create(s.ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	z := zip.NewWriter(file)
	for _, name := range args[1:] {
		if err := addFile(z, s.ts.MkAbs(name)); err != nil {
			return errors.Join(err, file.Close())
		}
	}
	return errors.Join(z.Close(), file.Close())
}

func addFile(z *zip.Writer, file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	w, err := z.Create(filepath.Base(file))
	if err != nil {
		return err
	}
	_, err = w.Write(data)
	return err
}
