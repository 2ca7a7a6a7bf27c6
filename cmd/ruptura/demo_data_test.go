package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"

	"ruptura/internal/dataset"
	"ruptura/internal/demo"
	"ruptura/internal/source/sqlite"
)

// Made-up companies for the tests. Each is made once, for the first test that asks; every test gets a copy
// to do with what it likes.

// demos are the companies that have been made, by the program or inside the tests.
var demos = struct {
	sync.Mutex

	loaded map[string]*served
	inside map[demo.Config]string
}{loaded: map[string]*served{}, inside: map[demo.Config]string{}}

// newDemo is a database with a company that the program has made and loaded, as a user would.
func newDemo(t testing.TB, orders, seed int) *served {
	t.Helper()
	demos.Lock()
	defer demos.Unlock()
	name := fmt.Sprintf("%d-orders-%d", orders, seed)
	made := demos.loaded[name]
	if made == nil {
		made = &served{database: filepath.Join(scratch, name+".db"), files: filepath.Join(scratch, name)}
		runProgram(t, "generate", made.files, "--orders", strconv.Itoa(orders), "--seed", strconv.Itoa(seed), "--today", browserToday.String())
		made.load(t, made.files)
		demos.loaded[name] = made
	}
	return &served{database: copyOf(t, made.database), files: made.files}
}

// demoFile is a database with a company that has been made inside the tests, which takes seconds with the race
// detector on.
func demoFile(t testing.TB, data demo.Config) (path string) {
	t.Helper()
	demos.Lock()
	defer demos.Unlock()
	made := demos.inside[data]
	if made == "" {
		made = filepath.Join(scratch, fmt.Sprintf("inside-%d.db", len(demos.inside)))
		db, err := sqlite.Open(t.Context(), made, sqlite.Options{Migrate: true})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Replace(t.Context(), dataset.Relations(), func(w dataset.Writer) error { return demo.Generate(data, w) })
		closed(t, db)
		if err != nil {
			t.Fatal(err)
		}
		demos.inside[data] = made
	}
	return copyOf(t, made)
}

// copyOf copies a database that nobody has open.
func copyOf(t testing.TB, database string) (path string) {
	t.Helper()
	content, err := os.ReadFile(database)
	if err != nil {
		t.Fatal(err)
	}
	path = filepath.Join(t.TempDir(), "book.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
