//go:build race

package scenarios

// raceDetector is whether the tests have the race detector.
const raceDetector = true
