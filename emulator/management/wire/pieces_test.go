package wire_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vipswap/vipswap/emulator/management/wire"
)

type shelf struct {
	_     wire.Root `wire:"Shelf"`
	Owner string    `wire:"Owner,omitempty"`
	Old   []string  `wire:"Old,flat,until=2012-03-01"`
	Books []book    `wire:"Book,flat"`
	Size  int       `wire:"Size,omitempty"`
}

type book struct {
	Title string `wire:"Title"`
}

// TestAppendPieces compares documents written in pieces with those written whole.
func TestAppendPieces(t *testing.T) {
	long := book{strings.Repeat("long ", wire.PieceLength/12)}
	for _, test := range []struct {
		name     string
		document shelf
		flushes  int
	}{
		{"empty", shelf{}, 0},
		{"short", shelf{Owner: "me", Old: []string{"gone"}, Books: []book{{"one"}, {"two"}}, Size: 2}, 0},
		{"long", shelf{Books: []book{long, {"short"}, long, long, long, long, long, {"last"}}, Size: 7}, 2},
		{"ends with a piece", shelf{Books: []book{long, long, long}}, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			want, err := wire.Marshal(test.document, wire.LatestVersion())
			if err != nil {
				t.Fatal(err)
			}
			var got []byte
			flushes := 0
			rest, err := wire.AppendPieces(nil, test.document, wire.LatestVersion(), func(piece []byte) ([]byte, error) {
				flushes++
				got = append(got, piece...)
				return piece[:0], nil
			})
			if err != nil {
				t.Fatal(err)
			}
			if got = append(got, rest...); string(got) != string(want) {
				t.Errorf("%d bytes differ from the %d written whole", len(got), len(want))
			}
			if flushes != test.flushes {
				t.Errorf("flushed %d times, want %d", flushes, test.flushes)
			}
		})
	}
}

func TestAppendPiecesFails(t *testing.T) {
	broken := errors.New("broken")
	calls := 0
	flush := func([]byte) ([]byte, error) { calls++; return nil, broken }
	books := make([]book, 5*wire.PieceLength/len("<Book><Title/></Book>"))
	if _, err := wire.AppendPieces(nil, shelf{Books: books}, wire.LatestVersion(), flush); !errors.Is(err, broken) || calls != 1 {
		t.Errorf("err = %v after %d calls of flush, want %v after the first", err, calls, broken)
	}
	if _, err := wire.AppendPieces(nil, book{}, wire.LatestVersion(), flush); err == nil || calls != 1 {
		t.Errorf("a document without a root: err = %v, %d calls of flush", err, calls)
	}
}
