// Package apidoc makes a readable page of an OpenAPI 3.1 description. The page needs no script
// and loads nothing from another host.
package apidoc

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"ruptura/internal/lang"
)

//go:embed page.html.tmpl style.css pt.json
var files embed.FS

// origin is where examples say that the server is: its default address.
const origin = "http://127.0.0.1:8080"

// Handler serves the page at /docs and its style at /docs/style.css, in the language that the
// request prefers or that ?lang= names. basePath stands before every address ("" or "/x"); the
// requests themselves must come without it.
func Handler(description []byte, basePath string) (http.Handler, error) {
	translated, err := portuguese()
	if err != nil {
		return nil, err
	}
	style, err := files.ReadFile("style.css")
	if err != nil {
		return nil, fmt.Errorf("style of the page: %w", err)
	}
	basePath = strings.TrimSuffix(basePath, "/")
	pages := map[lang.Lang][]byte{}
	for l, t := range map[lang.Lang]translation{lang.PT: translated, lang.EN: nil} {
		d, err := parse(t.description(description))
		if err != nil {
			return nil, err
		}
		p := arrange(d, origin+basePath)
		for i := range p.Groups {
			p.Groups[i].Name = t.of(p.Groups[i].Name)
		}
		if pages[l], err = render(p, l, basePath); err != nil {
			return nil, err
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /docs", func(w http.ResponseWriter, r *http.Request) {
		l := language(r)
		w.Header().Set("Content-Language", l.String())
		w.Header().Add("Vary", "Accept-Language")
		serve(w, r, "text/html; charset=utf-8", pages[l])
	})
	mux.HandleFunc("GET /docs/style.css", func(w http.ResponseWriter, r *http.Request) {
		serve(w, r, "text/css; charset=utf-8", style)
	})
	return mux, nil
}

func language(r *http.Request) lang.Lang {
	if l, ok := lang.Parse(r.URL.Query().Get("lang")); ok {
		return l
	}
	return lang.Match(r.Header.Get("Accept-Language"))
}

func serve(w http.ResponseWriter, r *http.Request, contentType string, body []byte) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// render writes the page in a language. A word that does not exist is an error.
func render(p page, l lang.Lang, basePath string) ([]byte, error) {
	say := func(word string, values ...any) (string, error) {
		text, ok := words[word]
		if !ok {
			return "", fmt.Errorf("the page has no word %q", word)
		}
		return fmt.Sprintf(text.In(l), values...), nil
	}
	t, err := template.New("page.html.tmpl").Funcs(template.FuncMap{
		"say":  say,
		"note": func(n note) (string, error) { return say(n.Word, n.Values...) },
		"base": func() string { return basePath },
		"lang": func() string { return l.String() },
	}).ParseFS(files, "page.html.tmpl")
	if err != nil {
		return nil, fmt.Errorf("template of the page: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write the page: %w", err)
	}
	return b.Bytes(), nil
}
