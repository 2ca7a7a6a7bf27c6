//go:build !race

package importer_test

// raceEnabled tells that the race detector is on.
const raceEnabled = false
