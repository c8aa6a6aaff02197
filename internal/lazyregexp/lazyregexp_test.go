package lazyregexp_test

import (
	"testing"

	"github.com/vipswap/vipswap/internal/lazyregexp"
)

func TestNew(t *testing.T) {
	digits := lazyregexp.New(`^[0-9]+$`)
	first := digits()
	if !first.MatchString("42") || first.MatchString("x") || first != digits() {
		t.Error("it is not the expression, or not one")
	}
	broken := lazyregexp.New(`(`)
	defer func() {
		if recover() == nil {
			t.Error("a broken expression is used")
		}
	}()
	broken()
}
