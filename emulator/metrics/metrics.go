// Package metrics counts what happens and writes it in the text format that
// Prometheus reads. To add a metric, make a [Counter] and write it where the
// others are written.
//
// Source of the format: Prometheus' page "Exposition formats", version 0.0.4.
package metrics

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
)

// ContentType is that of what Write writes.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// A Counter counts by labels. All methods may be called from several goroutines.
type Counter struct {
	name, help string
	labels     []string

	mu     sync.Mutex // guards values
	values map[[MostLabels]string]uint64
}

// MostLabels is how many labels a Counter can have.
const MostLabels = 3

// NewCounter returns a counter. name ends in "_total"; at most MostLabels labels.
func NewCounter(name, help string, labels ...string) *Counter {
	return &Counter{name: name, help: help, labels: labels[:min(len(labels), MostLabels)], values: map[[MostLabels]string]uint64{}}
}

// Inc counts one for these values of the labels.
func (c *Counter) Inc(values ...string) {
	var key [MostLabels]string
	copy(key[:], values)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[key]++
}

// Write writes the counter, in order of its labels' values.
func (c *Counter) Write(w io.Writer) error {
	c.mu.Lock()
	values := maps.Clone(c.values)
	c.mu.Unlock()
	var b strings.Builder
	head(&b, c.name, c.help, "counter")
	keys := slices.SortedFunc(maps.Keys(values), func(a, b [MostLabels]string) int { return slices.Compare(a[:], b[:]) })
	for _, key := range keys {
		b.WriteString(c.name)
		writeLabels(&b, c.labels, key[:])
		fmt.Fprintf(&b, " %d\n", values[key])
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteGauge writes one value that can go up and down. labels are names and
// values in turn.
func WriteGauge(w io.Writer, name, help string, value float64, labels ...string) error {
	var b strings.Builder
	head(&b, name, help, "gauge")
	b.WriteString(name)
	var names, values []string
	for i := 0; i+1 < len(labels); i += 2 {
		names, values = append(names, labels[i]), append(values, labels[i+1])
	}
	writeLabels(&b, names, values)
	fmt.Fprintf(&b, " %g\n", value)
	_, err := io.WriteString(w, b.String())
	return err
}

func head(b *strings.Builder, name, help, kind string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s %s\n", name, helpEscapes.Replace(help), name, kind)
}

var (
	helpEscapes  = strings.NewReplacer(`\`, `\\`, "\n", `\n`)
	labelEscapes = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)
)

func writeLabels(b *strings.Builder, names, values []string) {
	if len(names) == 0 {
		return
	}
	for i, name := range names {
		b.WriteString([]string{"{", ","}[min(i, 1)] + name + `="` + labelEscapes.Replace(values[i]) + `"`)
	}
	b.WriteByte('}')
}
