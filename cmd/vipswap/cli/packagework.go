package cli

// worksLive reports whether the package has to be worked on with its scripts.
func (s *session) worksLive(ready *prepared) bool { return ready.later }
