package journal

import (
	"context"
	"iter"
	"sync"
)

// The bounds of a journal that was given none.
const (
	DefaultEntries = 5000
	DefaultBytes   = 4 << 20
)

// A Journal remembers the newest entries. All methods may be called from several
// goroutines.
type Journal struct {
	most  int // entries
	bytes int

	mu      sync.Mutex    // guards all below
	ring    []kept        // the oldest at start, and round the end
	start   int           // where the oldest is in ring
	count   int           // of what is remembered
	size    int           // bytes that are remembered
	last    uint64        // number of the newest entry
	news    chan struct{} // closed when an entry comes or the journal ends; nil while nobody waits
	closed  bool
	cleared int // how often
}

// A Source tells of one request when somebody reads the journal, which for most
// requests is never. What it tells does not change any more.
type Source interface {
	// Entry returns the entry, whose number the journal sets.
	Entry() Entry
	// Bytes returns about how much memory the source takes.
	Bytes() int
}

// kept is what is remembered of a request.
type kept struct {
	source Source
	bytes  int
}

// New returns an empty journal that remembers at most so many entries, which
// take about so many bytes; 0 stands for the defaults.
func New(entries, bytes int) *Journal {
	if entries <= 0 {
		entries = DefaultEntries
	}
	if bytes <= 0 {
		bytes = DefaultBytes
	}
	return &Journal{most: entries, bytes: bytes}
}

// Append remembers a request and gives it the next number.
func (j *Journal) Append(s Source) {
	k := kept{s, s.Bytes()}
	j.mu.Lock()
	defer j.mu.Unlock()
	for j.count > 0 && (j.count >= j.most || j.size+k.bytes > j.bytes) {
		j.forget()
	}
	if j.count == len(j.ring) {
		j.grow()
	}
	j.ring[(j.start+j.count)%len(j.ring)] = k
	j.count++
	j.size += k.bytes
	j.last++
	j.tell()
}

// forget makes room. Callers hold the lock.
func (j *Journal) forget() {
	j.size -= j.ring[j.start].bytes
	j.ring[j.start] = kept{}
	j.start = (j.start + 1) % len(j.ring)
	j.count--
}

// grow doubles the ring. Callers hold the lock.
func (j *Journal) grow() {
	ring := make([]kept, min(max(2*len(j.ring), 16), j.most))
	copy(ring, j.newest(j.count))
	j.ring, j.start = ring, 0
}

// newest returns copies of the newest n, oldest first. Callers hold the lock.
func (j *Journal) newest(n int) []kept {
	all := make([]kept, 0, n)
	for i := j.count - n; i < j.count; i++ {
		all = append(all, j.ring[(j.start+i)%len(j.ring)])
	}
	return all
}

// tell wakes who waits for news. Callers hold the lock.
func (j *Journal) tell() {
	if j.news != nil {
		close(j.news)
		j.news = nil
	}
}

// Last returns the number of the newest entry, 0 when there is none: how many
// requests there were.
func (j *Journal) Last() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.last
}

// Entries returns the entries that f lets through, oldest first, with secrets
// masked.
func (j *Journal) Entries(f Filter) []Entry {
	found := []Entry{}
	for _, e := range j.after(f.After) {
		if f.lets(&e) {
			found = append(found, e)
		}
	}
	if f.Last > 0 && len(found) > f.Last {
		found = found[len(found)-f.Last:]
	}
	for i := range found {
		if f.Brief {
			found[i].Request, found[i].Answer = found[i].Request.brief(), found[i].Answer.brief()
		}
		found[i] = found[i].masked()
	}
	return found
}

// after returns the entries with higher numbers, secrets and all.
func (j *Journal) after(seq uint64) []Entry {
	sources, last := j.since(seq)
	entries := make([]Entry, len(sources))
	for i, k := range sources {
		entries[i] = k.source.Entry()
		entries[i].Seq = last - uint64(len(sources)-1-i)
	}
	return entries
}

// since returns what is remembered with higher numbers, and the highest.
func (j *Journal) since(seq uint64) ([]kept, uint64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if seq >= j.last {
		return nil, j.last
	}
	return j.newest(int(min(j.last-seq, uint64(j.count)))), j.last
}

// Clear forgets everything and begins to count anew.
func (j *Journal) Clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ring, j.start, j.count, j.size, j.last = nil, 0, 0, 0, 0
	j.cleared++
	j.tell()
}

// Close ends whoever follows the journal. It can still be read.
func (j *Journal) Close() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	j.tell()
}

// Follow yields the entries that f lets through, with secrets masked: first those
// that are there, then each as it comes, until ctx ends or the journal is closed.
// A reader that is too slow misses what the journal has forgotten by then, which
// the numbers tell. f.Last counts among those that are there.
func (j *Journal) Follow(ctx context.Context, f Filter) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		_, era := j.await()
		for {
			news, now := j.await()
			if now != era {
				era, f.After = now, 0
			}
			for _, e := range j.Entries(f) {
				if ctx.Err() != nil || !yield(e) {
					return
				}
				f.After = e.Seq
			}
			f.Last = 0
			if news == nil {
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-news:
			}
		}
	}
}

// await returns what is closed when something changes after this call, nil when
// nothing will, and how often the journal was cleared.
func (j *Journal) await() (news <-chan struct{}, cleared int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil, j.cleared
	}
	if j.news == nil {
		j.news = make(chan struct{})
	}
	return j.news, j.cleared
}

// Subscribe returns what [Journal.Follow] yields from now on as a channel, which
// is closed when ctx ends or the journal is closed. The caller ends ctx.
func (j *Journal) Subscribe(ctx context.Context) <-chan Entry {
	entries := make(chan Entry)
	from := Filter{After: j.Last()}
	go func() {
		defer close(entries)
		for e := range j.Follow(ctx, from) {
			select {
			case entries <- e:
			case <-ctx.Done():
				return
			}
		}
	}()
	return entries
}
