package wire

import "reflect"

// PieceLength is about how long, in bytes, the pieces of a long document are.
const PieceLength = 1 << 20

// AppendPieces is [Append] for documents that may be too long to be held in
// memory: lists, which are flat below the root. Whenever [PieceLength] is reached,
// it hands what it has written to flush, and goes on in the slice that flush
// returns. What it returns itself is the rest, which is the whole document when
// flush was never called. An error of flush is returned at once; the others are
// those of Append, and come before the first flush.
func AppendPieces(dst []byte, v any, version Version, flush func(piece []byte) ([]byte, error)) ([]byte, error) {
	p, value, err := documentPlan(v)
	if err != nil {
		return dst, err
	}
	w := pieces{version: version, flush: flush}
	dst, start := p.appendRoot(dst, value)
	for i := range p.fields {
		if dst, err = w.field(dst, &p.fields[i], value); err != nil {
			return dst, err
		}
	}
	if !w.flushed && len(dst) == start {
		return selfClose(dst), nil
	}
	return p.appendRootEnd(dst), nil
}

// pieces writes the fields of a document.
type pieces struct {
	version Version
	flush   func([]byte) ([]byte, error)
	flushed bool
}

// field appends a field of the struct v, of a flat list item by item.
func (w *pieces) field(dst []byte, f *field, v reflect.Value) ([]byte, error) {
	if !f.visible(w.version) {
		return dst, nil
	}
	value := v.FieldByIndex(f.index)
	if !f.flat {
		return f.append(dst, value, w.version), nil
	}
	for i := range value.Len() {
		dst = f.node.item.appendElement(dst, &f.node.element, value.Index(i), w.version)
		if len(dst) < PieceLength {
			continue
		}
		w.flushed = true
		var err error
		if dst, err = w.flush(dst); err != nil {
			return dst, err
		}
	}
	return dst, nil
}
