// Package architecture holds the test that keeps the arrows between packages
// pointing one way. The rules are those of docs/architecture.md.
package architecture
