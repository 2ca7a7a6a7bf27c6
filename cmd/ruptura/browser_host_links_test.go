package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// linked is what a page loads or leads to on its own server.
var linked = regexp.MustCompile(`(?:href|src|action|data-[a-z-]+)="(/[^"]*)"`)

// Whatever our pages link, and what they set a cookie for, is below the base path.
func TestPagesLinkBelowTheBasePath(t *testing.T) {
	r := launch(t, map[string][]string{"base-path": {"erp/ruptura/"}}, nil)
	if !strings.HasSuffix(r.url, "/erp/ruptura") {
		t.Errorf("the program says that it is at %s", r.url)
	}
	for _, path := range []string{"", "/", "/carteira?lang=pt&tema=escuro", "/carteira?limite=100&q=a&ordem=-valor_total", "/carteira?q=xxxxxx", "/carteira?limite=x", "/docs"} {
		response := r.get(path)
		body, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		closed(t, response.Body)
		links := linked.FindAllStringSubmatch(string(body), -1)
		if len(links) == 0 {
			t.Errorf("%s: %s, no links", path, response.Status)
		}
		for _, link := range links {
			if !strings.HasPrefix(link[1], "/erp/ruptura") {
				t.Errorf("%s leads to %s", path, link[0])
			}
		}
		for _, cookie := range response.Cookies() {
			if cookie.Path != "/erp/ruptura/" {
				t.Errorf("%s sets %s for %q", path, cookie.Name, cookie.Path)
			}
		}
	}
	if response := r.get("/static"); response.StatusCode != http.StatusNotFound {
		t.Errorf("/static: %s", response.Status)
	}
}
