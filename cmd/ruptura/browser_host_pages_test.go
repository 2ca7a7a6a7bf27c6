package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ruptura/internal/atp"
)

// hostOrders is the number of rows of a host page.
const hostOrders = 60

// dress is how a host page dresses its table, beside what all of them have.
type dress struct {
	name  string
	style string // a style sheet of its own
	bs    bool   // with Bootstrap 5, its script included
}

var dresses = []dress{
	{name: "nothing"},
	{name: "Bootstrap 5", bs: true},
	{name: "hostile styles", style: `
* { all: revert; box-sizing: content-box; font: 31px/3 serif; }
button { background: red !important; color: lime !important; margin: 9px !important; text-transform: uppercase !important; float: right !important; }
button, span, svg, progress { position: static; opacity: .2; visibility: hidden; }
dialog { display: none; position: static; }
td, th, table { border: 9px solid; padding: 20px; white-space: pre; }
.rpt, [class*=panel] { color: pink; }`},
	{name: "styles that insist", style: `
* { box-sizing: content-box !important; font-family: cursive !important; }
button { min-width: 500px !important; box-shadow: 0 0 9px red !important; transform: rotate(3deg) !important; filter: blur(2px) !important; }
button { display: block !important; width: 100% !important; height: 90px !important; padding: 30px !important; white-space: normal !important; }
#tabela-carteira td button { margin: 20px; background: red; font: italic 30px serif; }
span, div, p, dl, dd, dt, h2 { display: inline !important; padding: 9px !important; color: pink !important; font-size: 22px !important; letter-spacing: 4px !important; }
dialog { display: block !important; position: static !important; width: 200px !important; margin: 0 !important; background: black !important; }
progress { width: 30px !important; height: 40px !important; }
svg { width: 90px !important; height: 90px !important; fill: red !important; }
select, input { width: 100% !important; appearance: none !important; }
table td { padding: 22px !important; text-align: center !important; white-space: normal !important; }
[hidden] { display: block !important; }`},
}

// host is somebody else's server: it has a page with a table of orders, scripts and styles of its
// own, an older script for stock-outs, and the client's tag, twice.
type host struct {
	*httptest.Server

	mux *http.ServeMux
	// program is where the page finds the program: an origin, or a path of its own.
	program string
}

// newHost starts one at an address with another name than the program's, so that to a browser they
// are different sites.
func newHost(t *testing.T) *host {
	t.Helper()
	h := &host{mux: http.NewServeMux()}
	h.Server = httptest.NewServer(h.mux)
	t.Cleanup(func() {
		h.CloseClientConnections()
		h.Close()
	})
	h.URL = strings.Replace(h.URL, "127.0.0.1", "localhost", 1)
	h.file("/erp/erp.js", "text/javascript", hostScript)
	h.file("/erp/analise-ruptura.js", "text/javascript", olderScript)
	return h
}

func (h *host) file(path, kind, content string) {
	h.mux.HandleFunc("GET "+path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		_, _ = io.WriteString(w, content)
	})
}

// forward passes a path on to the program as it is.
func (h *host) forward(t *testing.T, path, program string) {
	t.Helper()
	to, err := url.Parse(program)
	if err != nil {
		t.Fatal(err)
	}
	h.mux.Handle(path+"/", &httputil.ReverseProxy{FlushInterval: -1, Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}})
}

// bootstrap serves Bootstrap as npm delivers it.
func (h *host) bootstrap(t *testing.T) {
	t.Helper()
	for path, kind := range map[string]string{"css/bootstrap.min.css": "text/css", "js/bootstrap.bundle.min.js": "text/javascript"} {
		content, err := os.ReadFile(filepath.Join("..", "..", "tools", "js", "node_modules", "bootstrap", "dist", filepath.FromSlash(path)))
		if err != nil {
			if os.Getenv(requireServices) == "1" {
				t.Fatal(err)
			}
			t.Skip("Bootstrap is not installed (bash scripts/setup.sh test)")
		}
		h.file("/erp/"+path, kind, string(content))
	}
}

// page serves the page in a dress and gives its address. Its policy is strict: nothing inline, and
// nothing from elsewhere but the program's script and API.
func (h *host) page(t *testing.T, l dress, orders []atp.OrderNumber) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>ERP</title><link rel="icon" href="data:,">`)
	if l.bs {
		h.bootstrap(t)
		b.WriteString(`<link rel="stylesheet" href="css/bootstrap.min.css"><script defer src="js/bootstrap.bundle.min.js"></script>`)
	}
	if l.style != "" {
		h.file("/erp/hostile.css", "text/css", l.style)
		b.WriteString(`<link rel="stylesheet" href="hostile.css">`)
	}
	b.WriteString(`<script defer src="erp.js"></script><script defer src="analise-ruptura.js"></script>`)
	for range 2 {
		fmt.Fprintf(&b, `<script defer src="%s/static/carteira/js/ruptura-worker-client.js" data-ruptura-api="%s" data-ruptura-auto="true"></script>`, h.program, h.program)
	}
	b.WriteString(`</head><body class="container-fluid"><h1>Carteira</h1><table id="tabela-carteira" class="table table-sm table-hover"><tbody>`)
	for _, number := range orders {
		fmt.Fprintf(&b, `<tr class="pedido-row" data-pedido="%s"><td>%s</td><td class="coluna-entrega-obs"></td></tr>`, number, number)
	}
	b.WriteString(`</tbody></table></body></html>`)
	from, _, _ := strings.Cut(h.program, "/ruptura")
	policy := strings.ReplaceAll("default-src 'none'; script-src 'self' API; style-src 'self'; connect-src 'self' API; img-src 'self' data:", "API", from)
	h.mux.HandleFunc("GET /erp/carteira", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", policy)
		_, _ = io.WriteString(w, b.String())
	})
	return h.URL + "/erp/carteira"
}

// hostScript does to the rows what tables of other people's do.
const hostScript = `'use strict';
window.erp = (() => {
  const body = () => document.querySelector('#tabela-carteira tbody');
  const rows = () => [...body().rows];
  const fresh = (number) => {
    const row = document.createElement('tr');
    row.className = 'pedido-row';
    row.dataset.pedido = number;
    row.append(document.createElement('td'), document.createElement('td'));
    row.cells[0].textContent = number;
    row.cells[1].className = 'coluna-entrega-obs';
    return row;
  };
  return {
    hide: () => rows().forEach((r, i) => { r.hidden = i % 2 === 0; }),
    show: () => rows().forEach((r) => { r.hidden = false; }),
    sort: () => body().append(...rows().reverse()),
    refill: () => body().replaceChildren(...rows().map((r) => fresh(r.dataset.pedido))),
    replace: () => { const next = document.createElement('tbody'); next.append(...rows().map((r) => fresh(r.dataset.pedido))); body().replaceWith(next); },
    clone: () => { const next = body().cloneNode(true); body().replaceWith(next); },
    detach: () => { const all = rows(); body().replaceChildren(); body().append(...all); },
  };
})();
`

// olderScript is a script for the same table from before: it has a button of its own in each row.
const olderScript = `'use strict';
class AnaliseRuptura {
  constructor() { this.resultados = new Map(); }
  iniciar() {
    document.querySelectorAll('.pedido-row .coluna-entrega-obs').forEach((celula) => {
      const botao = document.createElement('button');
      botao.className = 'btn btn-sm btn-outline-info btn-analisar-ruptura';
      botao.textContent = 'Verificar estoque';
      celula.appendChild(botao);
    });
  }
}
document.addEventListener('DOMContentLoaded', () => { window.analiseRuptura = new AnaliseRuptura(); window.analiseRuptura.iniciar(); });
`
