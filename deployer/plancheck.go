package deployer

import (
	"errors"
	"fmt"
)

// Check finds what no plan has that was made here: a step that is unknown, a gate
// without a word of what it asks for, a way back from no bake, negative times. Plans
// that were read from a file are checked before anything is done with them; [Run]
// checks all.
func (p Plan) Check() error {
	for _, s := range p.All() {
		if err := p.checkStep(s); err != nil {
			return err
		}
	}
	if (len(p.Back) > 0 || p.Turned != "") && (p.Gates == nil || p.Gates.Bake == nil) {
		return errors.New("the plan has a way back, and no bake that could lead to it")
	}
	if err := p.Waits.check(); err != nil || p.Gates == nil {
		return err
	}
	return p.Gates.check()
}

func (p Plan) checkStep(s Step) error {
	if _, known := executors[s.Kind]; !known {
		return fmt.Errorf("the plan has a step of kind %q, which this version does not know", string(s.Kind))
	}
	_, gate := needs[s.Kind]
	if gate && (p.Gates == nil || s.Kind == StepBake && p.Gates.Bake == nil) {
		return fmt.Errorf("%s: the plan does not say how", s)
	}
	return nil
}
