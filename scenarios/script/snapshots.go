package script

import (
	"errors"
	"os"
	"strings"
)

// snapshotActions are what can be done with snapshots, by name.
var snapshotActions = map[string]struct {
	most int // of arguments
	do   func(s *Script, args []string) error
}{
	"save":    {1, (*Script).saveSnapshot},
	"restore": {1, (*Script).restoreSnapshot},
	"export":  {1, (*Script).exportUniverse},
	"import":  {1, (*Script).importUniverse},
	"diff":    {2, (*Script).diffSnapshots},
}

// snapshot saves, restores and compares universes.
func (s *Script) snapshot(args []string) error {
	action, ok := snapshotActions[args[0]]
	if !ok || len(args)-1 > action.most {
		return usage("save NAME, restore NAME, export FILE, import FILE or diff NAME [NAME]")
	}
	return action.do(s, args[1:])
}

func (s *Script) saveSnapshot(args []string) error {
	_, err := s.Universe.Stage().Emulator().Snapshot(s.Universe.ID(), args[0])
	return err
}

// restoreSnapshot goes back. The faults that are left go on.
func (s *Script) restoreSnapshot(args []string) error {
	if err := s.takeStock(); err != nil {
		return err
	}
	if err := s.Universe.Stage().Emulator().Restore(s.Universe.ID(), args[0]); err != nil {
		return err
	}
	return s.setFaults()
}

func (s *Script) exportUniverse(args []string) error {
	f, err := os.Create(s.ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	return errors.Join(s.Universe.Stage().Emulator().Export(s.Universe.ID(), f), f.Close())
}

// importUniverse goes on from a file. The faults that are left go on.
func (s *Script) importUniverse(args []string) error {
	if err := s.takeStock(); err != nil {
		return err
	}
	f, err := os.Open(s.ts.MkAbs(args[0]))
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := s.Universe.Stage().Emulator().Import(f, s.Universe.ID()); err != nil {
		return err
	}
	return s.setFaults()
}

var errSame = errors.New("nothing differs")

// diffSnapshots prints what differs between two snapshots, or one and now.
func (s *Script) diffSnapshots(args []string) error {
	d, err := s.Universe.Stage().Emulator().Diff(s.Universe.ID(), args[0], strings.Join(args[1:], ""))
	if err != nil {
		return usage("%v", err)
	}
	s.out("%s", d)
	if len(d.Changes) == 0 {
		return errSame
	}
	return nil
}
