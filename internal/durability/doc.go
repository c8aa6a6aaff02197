// Package durability holds the test that kills an emulator, again and again and
// in the middle of its work, and looks whether the next one with the same data
// folder knows all that was acknowledged and nothing else; and the test that
// opens data folders which older versions wrote.
package durability
