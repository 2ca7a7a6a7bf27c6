package doctor

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"ruptura/internal/lang"
)

const (
	pageTimeout = time.Minute
	maxPage     = 32 << 20
)

// CheckPage says whether a text names a page: an address as of a server, or else a file.
func CheckPage(place string) error {
	if place == "" {
		return errURL
	}
	if !strings.Contains(place, "://") {
		return nil
	}
	u, err := url.Parse(place)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		return errURL
	}
	return nil
}

// Page checks a page that is to have the client: an address, or a file saved from a browser. It
// sees what the server sends, not what scripts make of it.
func Page(place string) Check {
	return Check{
		Name: "page", Title: lang.Text{PT: "Página", EN: "Page"}, Timeout: pageTimeout,
		Run: func(ctx context.Context) ([]Finding, error) {
			transport := &http.Transport{Proxy: http.ProxyFromEnvironment}
			defer transport.CloseIdleConnections()
			p := &pageVisit{place: place, client: &http.Client{Transport: transport}}
			p.run(ctx)
			return p.found, ctx.Err()
		},
	}
}

// pageVisit is one look at a page.
type pageVisit struct {
	place  string
	client *http.Client
	// at is the page's address after redirects, nil for a file.
	at       *url.URL
	policies []string // every Content-Security-Policy; each has to let the client be
	found    []Finding
}

func (p *pageVisit) add(code string, level Level, what, mend lang.Text) {
	p.found = append(p.found, Finding{Code: code, Level: level, What: what, Mend: mend})
}

func (p *pageVisit) run(ctx context.Context) {
	content, err := p.read(ctx)
	if err != nil {
		p.add("page.unreadable", Problem, lang.Text{
			PT: fmt.Sprintf("não foi possível ler %q: %s", p.place, cause(err)), EN: fmt.Sprintf("could not read %q: %s", p.place, cause(err)),
		}, lang.Text{
			PT: "confira o nome e a porta; se a página pede senha, salve-a no navegador (Ctrl+S) e indique o arquivo",
			EN: "check the name and the port; if the page asks for a password, save it in the browser (Ctrl+S) and give the file",
		})
		return
	}
	seen := parsePage(content)
	p.policies = append(p.policies, seen.policies...)
	p.scripts(seen)
	p.hooks(seen)
	if len(seen.clients) > 0 {
		p.api(ctx, seen.clients[0])
	}
}

func (p *pageVisit) read(ctx context.Context) ([]byte, error) {
	if !strings.Contains(p.place, "://") {
		return readPageFile(p.place)
	}
	response, err := p.ask(ctx, http.MethodGet, p.place, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, errors.New(response.Status)
	}
	p.at = response.Request.URL
	for _, header := range response.Header.Values(policyHeader) {
		p.policies = append(p.policies, strings.Split(header, ",")...)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxPage))
}

func readPageFile(name string) (content []byte, err error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	return io.ReadAll(io.LimitReader(file, maxPage))
}

func (p *pageVisit) ask(ctx context.Context, method, address string, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, method, address, http.NoBody)
	if err != nil {
		return nil, err
	}
	maps.Copy(request.Header, header)
	return p.client.Do(request)
}

// scripts says whether the client is on the page exactly once, started, and alone.
func (p *pageVisit) scripts(seen *pageSeen) {
	switch n := len(seen.clients); {
	case n == 0:
		p.add("page.no-client", Problem, lang.Text{PT: "a página não carrega o cliente", EN: "the page does not load the client"}, lang.Text{
			PT: `ponha em <head>: <script defer src="https://SERVIDOR/static/carteira/js/` + clientFile + `" data-ruptura-auto="true"></script>`,
			EN: `put into <head>: <script defer src="https://HOST/static/carteira/js/` + clientFile + `" data-ruptura-auto="true"></script>`,
		})
	case n > 1:
		p.found = append(p.found, Finding{Code: "page.client-twice", Level: Warning, Count: int64(n), Examples: seen.sources(), What: lang.Text{
			PT: "a página carrega o cliente mais de uma vez; só a primeira vale", EN: "the page loads the client more than once; only the first counts",
		}, Mend: lang.Text{PT: "deixe uma só tag <script>", EN: "leave a single <script> tag"}})
	default:
		p.add("page.client", OK, lang.Text{PT: "a página carrega o cliente uma vez", EN: "the page loads the client once"}, lang.Text{})
	}
	if len(seen.clients) > 0 && seen.clients[0].auto != "true" && !seen.starts {
		p.add("page.not-started", Warning, lang.Text{
			PT: "nada na página inicia o cliente, a não ser um script de outro arquivo",
			EN: "nothing on the page starts the client, unless a script in another file does",
		}, lang.Text{PT: `acrescente data-ruptura-auto="true" à tag`, EN: `add data-ruptura-auto="true" to the tag`})
	}
	if len(seen.older) > 0 {
		p.found = append(p.found, Finding{Code: "page.older-script", Level: Warning, Count: int64(len(seen.older)), Examples: seen.older, What: lang.Text{
			PT: "há scripts de ruptura mais antigos na página", EN: "there are older ruptura scripts on the page",
		}, Mend: lang.Text{
			PT: "tire-os: fazem consultas a mais ao servidor, e os seus botões ficam escondidos",
			EN: "take them out: they ask the server for more than is needed, and their buttons stay hidden",
		}})
	}
	if seen.buttons > 0 {
		p.found = append(p.found, Finding{Code: "page.older-buttons", Level: Warning, Count: int64(seen.buttons), What: lang.Text{
			PT: "há botões de um script mais antigo nas células; o cliente os esconde",
			EN: "there are buttons of an older script in the cells; the client hides them",
		}, Mend: lang.Text{
			PT: "tire-os do modelo das linhas, ou tire “ruptura” da classe, do id e do onclick dos que ficam",
			EN: "take them out of the rows' template, or take “ruptura” out of the class, id and onclick of those to keep",
		}})
	}
}

// hooks says whether the table is as the client looks for it.
func (p *pageVisit) hooks(seen *pageSeen) {
	name, unknown := seen.tableID()
	switch {
	case unknown:
		p.add("page.other-table", OK, lang.Text{
			PT: fmt.Sprintf("a tabela é escolhida por %q, que aqui não se confere", seen.clients[0].table),
			EN: fmt.Sprintf("the table is chosen by %q, which is not checked here", seen.clients[0].table),
		}, lang.Text{})
		return
	case seen.tables[name] == nil:
		p.add("page.no-table", Problem, lang.Text{
			PT: fmt.Sprintf("a página não tem um elemento com id %q", name), EN: fmt.Sprintf("the page has no element with the id %q", name),
		}, lang.Text{
			PT: `dê id="tabela-carteira" à tabela, ou indique a sua com data-ruptura-tabela na tag`,
			EN: `give the table id="tabela-carteira", or name yours with data-ruptura-tabela on the tag`,
		})
		return
	}
	p.rows(rowsOf(seen.tables[name]))
}

func (p *pageVisit) rows(rows tableRows) {
	if rows.whole+len(rows.nameless)+len(rows.cellless) == 0 {
		p.add("page.no-rows", Warning, lang.Text{
			PT: "a tabela não tem linhas .pedido-row no que o servidor envia", EN: "the table has no rows .pedido-row in what the server sends",
		}, lang.Text{
			PT: "se um script as põe depois, salve a página no navegador (Ctrl+S) e confira o arquivo",
			EN: "if a script adds them later, save the page in the browser (Ctrl+S) and check the file",
		})
		return
	}
	if n := len(rows.nameless); n > 0 {
		p.found = append(p.found, Finding{Code: "page.no-order", Level: Problem, Count: int64(n), What: lang.Text{
			PT: "linhas .pedido-row sem o número do pedido", EN: "rows .pedido-row without the order's number",
		}, Mend: lang.Text{PT: `escreva o número em data-pedido="…" do <tr>`, EN: `write the number into data-pedido="…" of the <tr>`}})
	}
	if n := len(rows.cellless); n > 0 {
		p.found = append(p.found, Finding{Code: "page.no-cell", Level: Problem, Count: int64(n), Examples: firstFew(rows.cellless), What: lang.Text{
			PT: "linhas sem célula .coluna-entrega-obs", EN: "rows without a cell .coluna-entrega-obs",
		}, Mend: lang.Text{
			PT: `dê class="coluna-entrega-obs" à célula que recebe o botão`, EN: `give class="coluna-entrega-obs" to the cell that takes the button`,
		}})
	}
	if rows.whole > 0 {
		p.add("page.rows", OK, lang.Text{
			PT: fmt.Sprintf("%d linhas da tabela estão como o cliente as procura", rows.whole),
			EN: fmt.Sprintf("%d rows of the table are as the client looks for them", rows.whole),
		}, lang.Text{})
	}
}

// script fetches the client where the page does, to see that it is there.
func (p *pageVisit) script(ctx context.Context, address string) {
	response, err := p.ask(ctx, http.MethodGet, address, nil)
	why := ""
	if err != nil {
		why = cause(err)
	} else {
		body, readErr := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		_ = response.Body.Close()
		if readErr != nil || response.StatusCode != http.StatusOK || !bytes.Contains(body, []byte("RupturaWorkerClient")) {
			why = response.Status
		}
	}
	if why != "" {
		p.add("page.script-missing", Problem, lang.Text{
			PT: fmt.Sprintf("o cliente não está em %q: %s", address, why), EN: fmt.Sprintf("the client is not at %q: %s", address, why),
		}, lang.Text{
			PT: "confira o endereço em src, e no servidor --base-path e --host-name",
			EN: "check the address in src, and the server's --base-path and --host-name",
		})
	}
}
