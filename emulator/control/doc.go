// Package control serves the emulator's own interface, on a listener apart from
// the emulated ones: so the API that clients see has nothing on it that the real
// one lacks.
//
// To add something to it, add a row to the table of routes and describe it in
// docs/control-api.md, which a test compares with the table. A handler takes a
// request and returns what is answered as JSON, or an error; one place writes
// both. Errors are {"error":{"code":...,"message":...,"hint":...}}.
//
// The interface has power over everything that is emulated, so it is careful
// about who asks: pages of other origins in a browser of this machine are refused
// by their Origin and by the Host that they ask for, and a token can be required.
package control
