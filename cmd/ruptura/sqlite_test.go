package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	zombiezen "zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"ruptura/internal/cli"
)

// command runs a command line with the real engine and returns its status and all it printed.
func command(t *testing.T, args ...string) (status int, out string) {
	t.Helper()
	var b bytes.Buffer
	status = cli.Run(t.Context(), args, cli.Env{
		Stdout: &b, Stderr: &b, ReadFile: os.ReadFile, Getenv: func(string) string { return "" },
	}, cli.Deps{OpenSource: openSource, OpenStore: openStore, OpenMigrator: openMigrator})
	return status, b.String()
}

func TestCommandsRefuseForeignDatabase(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "theirs.db")
	conn, err := zombiezen.OpenConn(path, zombiezen.OpenReadWrite|zombiezen.OpenCreate)
	if err != nil {
		t.Fatal(err)
	}
	if err = sqlitex.ExecuteTransient(conn, "CREATE TABLE pedidos (x)", nil); err != nil {
		t.Fatal(err)
	}
	if err = conn.Close(); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"import " + dir, "migrate up", "migrate down", "migrate status", "analyze --all"} {
		for lang, want := range map[string]string{
			"pt": "erro: o arquivo de --db não é um banco deste programa e não foi alterado; indique outro em --db\n",
			"en": "error: the file of --db is not a database of this program and was not changed; name another with --db\n",
		} {
			status, out := command(t, append(strings.Fields(line), "--lang", lang, "--db", "sqlite:"+path)...)
			if status != cli.Failed || out != want {
				t.Errorf("%s: status %d, %q", line, status, out)
			}
		}
	}
}
