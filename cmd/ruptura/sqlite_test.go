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
	}, engineDeps())
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

func TestCommandsTellAFileThatCannotBeMade(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "book.db")
	for lang, want := range map[string]string{
		"pt": "erro: não foi possível abrir " + path + ": confira se a pasta existe e as permissões da pasta e do arquivo\n",
		"en": "error: could not open " + path + ": check that the folder exists, and the permissions of the folder and of the file\n",
	} {
		if status, out := command(t, "migrate", "up", "--lang", lang, "--db", "sqlite:"+path); status != cli.Failed || out != want {
			t.Errorf("status %d, %q", status, out)
		}
	}
}

func TestCommandsTellWhatMayNotBeWritten(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("permissions do not bind the superuser")
	}
	for name, lock := range map[string]func(dir, path string) string{
		"a folder without a database": func(dir, _ string) string { return dir },
		"a file":                      func(_, path string) string { return path },
		"a folder with a database":    func(dir, _ string) string { return dir },
	} {
		t.Run(name, func(t *testing.T) {
			in, dir := t.TempDir(), t.TempDir()
			path := filepath.Join(dir, "book.db")
			if status, out := command(t, "generate", in, "--orders", "5"); status != cli.Done {
				t.Fatal(out)
			}
			if !strings.Contains(name, "without") {
				if status, out := command(t, "import", in, "--db", "sqlite:"+path); status != cli.Done {
					t.Fatal(out)
				}
			}
			locked := lock(dir, path)
			if err := os.Chmod(locked, 0o500); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = os.Chmod(locked, 0o700) }() // so that it can be removed
			status, out := command(t, "import", in, "--db", "sqlite:"+path)
			if status != cli.Failed || !strings.Contains(out, path+": confira") || strings.Contains(out, "SELECT") {
				t.Errorf("status %d, %q", status, out)
			}
		})
	}
}
