package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// guidePage is the page in the guide, as its reader writes it to a file.
var guidePage = regexp.MustCompile(`(?s)cat > carteira\.html <<'HTML'\n(.*?)\nHTML\n`)

// Who follows the guide for host pages gets what it promises. Only the ports are the tests' own.
func TestGuideForHostPages(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	for _, name := range []string{"embed.md", "embed.pt-BR.md"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join("..", "..", "docs", name))
			if err != nil {
				t.Fatal(err)
			}
			const command = "\nruptura demo --today 2026-03-02 --allow-origin http://localhost:8090\n"
			page := guidePage.FindSubmatch(text)
			if page == nil || !strings.Contains(string(text), command) {
				t.Fatal("the guide has no page, or another command than this test")
			}
			h := newHost(t)
			program := startProgram(t, buildProgram(t), "demo", "--today", "2026-03-02", "--allow-origin", h.URL, "--addr", "127.0.0.1:0")
			h.file("/carteira.html", "text/html; charset=utf-8", strings.ReplaceAll(string(page[1]), "http://127.0.0.1:8080", program))
			b := newTab(t, browser)
			b.open(h.URL + "/carteira.html")
			b.analysed()
			b.allDone(3)
			b.oneButtonEach(3)
			b.opensDetails()
			b.quiet()
			wellSaysDoctor(t, h.URL+"/carteira.html")
		})
	}
}

// wellSaysDoctor fails unless doctor finds nothing wrong with a page. That it finds no database here
// is another matter.
func wellSaysDoctor(t *testing.T, page string) {
	t.Helper()
	doctor := exec.CommandContext(t.Context(), buildProgram(t), "doctor", "--lang", "en", "--page", page)
	doctor.Dir = t.TempDir()
	out, err := doctor.Output()
	if _, failed := err.(*exec.ExitError); err != nil && !failed { //nolint:errorlint // as exec returns it
		t.Fatal(err)
	}
	_, about, _ := strings.Cut(string(out), "\nPage\n")
	about, _, _ = strings.Cut(about, "\n\n")
	if strings.Count(about, "\n  ok ")+1 != 4 || strings.Contains(about, "→") {
		t.Errorf("doctor says:\n%s", out)
	}
}
