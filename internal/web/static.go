package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"time"
)

//go:embed static
var staticFiles embed.FS

// contentTypes are named here because a machine's own MIME table may be missing or wrong, and
// browsers refuse a script of the wrong type.
var contentTypes = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
}

// static serves the embedded files by their path below /static/.
type static map[string]asset

type asset struct {
	content     []byte
	contentType string
	etag        string
}

func newStatic() (static, error) {
	root, err := fs.Sub(staticFiles, "static")
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	files := static{}
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files[name], err = readAsset(root, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("web: static files: %w", err)
	}
	return files, nil
}

func readAsset(root fs.FS, name string) (asset, error) {
	content, err := fs.ReadFile(root, name)
	if err != nil {
		return asset{}, err
	}
	contentType, ok := contentTypes[path.Ext(name)]
	if !ok {
		return asset{}, fmt.Errorf("%s: no content type for %q", name, path.Ext(name))
	}
	sum := sha256.Sum256(content)
	return asset{content, contentType, `"` + hex.EncodeToString(sum[:12]) + `"`}, nil
}

// ServeHTTP answers with the file, or 304 to a browser that has it. Files are checked for a newer
// one on each use, because host pages load the script by a fixed address.
func (s static) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	file, ok := s[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", file.contentType)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", file.etag)
	h.Set("X-Content-Type-Options", "nosniff")
	// Pages of other origins load the script with a plain script tag.
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(file.content))
}

// assets are the addresses that the page loads.
type assets struct{ Style, Early, Page, Products, Client, Icon string }

func assetsAt(basePath string) assets {
	at := func(name string) string { return basePath + "/static/carteira/" + name }
	return assets{
		Style:    at("css/carteira.css"),
		Early:    at("js/adiantado.js"),
		Page:     at("js/carteira.js"),
		Products: at("js/produtos.js"),
		Client:   at("js/ruptura-worker-client.js"),
		Icon:     at("icone.svg"),
	}
}
