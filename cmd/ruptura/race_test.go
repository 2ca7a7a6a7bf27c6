//go:build race

package main

// slower is how many times less work the tests under load do with the race detector on.
const slower = 2
