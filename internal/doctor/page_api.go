package doctor

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ruptura/internal/lang"
)

// home is where the client looks for the API when its tag does not say: where it came from.
var home = regexp.MustCompile(`/static/carteira/js/[^/]*$`)

// api looks whether what the client asks is answered, and to pages like this one.
func (p *pageVisit) api(ctx context.Context, tag clientTag) {
	api, ok := p.resolve(tag)
	if !ok {
		p.add("page.api-unknown", Warning, lang.Text{
			PT: "de um arquivo não se sabe onde fica a API: o endereço na tag é relativo",
			EN: "a file does not tell where the API is: the address on the tag is relative",
		}, lang.Text{PT: "confira a página pelo seu endereço http", EN: "check the page by its http address"})
		return
	}
	if p.at != nil && p.at.Scheme == "https" && api.Scheme == "http" {
		p.add("page.mixed", Problem, lang.Text{
			PT: "a página é https e a API http: o navegador a bloqueia", EN: "the page is https and the API http: browsers block it",
		}, lang.Text{PT: "ponha a API atrás de https", EN: "put the API behind https"})
	}
	if src, err := p.base(api).Parse(tag.src); err == nil {
		p.script(ctx, src.String())
	}
	if p.answers(ctx, api) {
		p.allowed(ctx, api)
	}
	p.policed(api)
}

// resolve is the API's address, absolute.
func (p *pageVisit) resolve(tag clientTag) (*url.URL, bool) {
	at := p.base(nil)
	address := tag.api
	if address == "" {
		src, err := at.Parse(tag.src)
		if err != nil {
			return nil, false
		}
		src.RawQuery, src.Fragment = "", ""
		address = home.ReplaceAllString(src.String(), "")
	}
	api, err := at.Parse(strings.TrimRight(address, "/"))
	return api, err == nil && api.Host != "" && (api.Scheme == "http" || api.Scheme == "https")
}

// base is what the page's addresses are relative to; for a file, as good as the API's server.
func (p *pageVisit) base(api *url.URL) *url.URL {
	switch {
	case p.at != nil:
		return p.at
	case api != nil:
		return api
	}
	return &url.URL{}
}

func originOf(u *url.URL) string { return u.Scheme + "://" + u.Host }

// answers reports whether the program is there.
func (p *pageVisit) answers(ctx context.Context, api *url.URL) bool {
	address := strings.TrimRight(api.String(), "/")
	response, err := p.ask(ctx, http.MethodGet, address+"/api/carteira/pedidos?limite=1", nil)
	why := ""
	if err != nil {
		why = cause(err)
	} else {
		body, readErr := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		_ = response.Body.Close()
		if readErr != nil || response.StatusCode != http.StatusOK || !bytes.Contains(body, []byte(`"pedidos"`)) {
			why = response.Status
		}
	}
	if why == "" {
		p.add("page.api", OK, lang.Text{PT: "a API responde em " + address, EN: "the API answers at " + address}, lang.Text{})
		return true
	}
	p.add("page.api-silent", Problem, lang.Text{
		PT: fmt.Sprintf("a API não responde em %s: %s", address, why), EN: fmt.Sprintf("the API does not answer at %s: %s", address, why),
	}, lang.Text{
		PT: "confira data-ruptura-api, o proxy, --base-path e --host-name; 'ruptura doctor --url " + address + "' diz mais",
		EN: "check data-ruptura-api, the proxy, --base-path and --host-name; 'ruptura doctor --url " + address + "' tells more",
	})
	return false
}

// allowed looks whether the server lets pages of this origin ask.
func (p *pageVisit) allowed(ctx context.Context, api *url.URL) {
	if p.at == nil || originOf(p.at) == originOf(api) {
		return
	}
	origin := originOf(p.at)
	response, err := p.ask(ctx, http.MethodOptions, api.String()+"/api/ruptura/processar-lote", http.Header{
		"Origin": {origin}, "Access-Control-Request-Method": {http.MethodPost}, "Access-Control-Request-Headers": {"content-type,idempotency-key"},
	})
	if err != nil {
		return // that it answers was another request's question
	}
	defer func() { _ = response.Body.Close() }()
	if response.Header.Get("Access-Control-Allow-Origin") == origin {
		p.add("page.origin", OK, lang.Text{
			PT: "o servidor permite páginas de " + origin, EN: "the server allows pages of " + origin,
		}, lang.Text{})
		return
	}
	p.add("page.origin-refused", Problem, lang.Text{
		PT: "o servidor não permite páginas de " + origin, EN: "the server does not allow pages of " + origin,
	}, lang.Text{
		PT: "inicie-o com --allow-origin " + origin + ", e confira se o proxy passa OPTIONS",
		EN: "start it with --allow-origin " + origin + ", and check that the proxy passes OPTIONS",
	})
}

// policed looks whether the page's own policies let the client be loaded and ask.
func (p *pageVisit) policed(api *url.URL) {
	if p.at == nil {
		return
	}
	for _, directive := range []string{"script-src", "connect-src"} {
		if slices.ContainsFunc(p.policies, func(policy string) bool { return forbids(policy, directive, p.at, api) }) {
			p.add("page.policy", Problem, lang.Text{
				PT: "a política de segurança da página (Content-Security-Policy) impede o cliente em " + directive,
				EN: "the page's security policy (Content-Security-Policy) keeps the client out in " + directive,
			}, lang.Text{
				PT: "acrescente " + originOf(api) + " a " + directive, EN: "add " + originOf(api) + " to " + directive,
			})
		}
	}
}

// forbids reports whether a policy keeps an address out in a directive.
func forbids(policy, directive string, page, api *url.URL) bool {
	sources, ok := sourcesOf(policy, directive)
	return ok && !admits(sources, page, api)
}

// sourcesOf is a directive's list, or what stands in for it.
func sourcesOf(policy, directive string) (sources []string, ok bool) {
	for _, name := range []string{directive, "default-src"} {
		for part := range strings.SplitSeq(policy, ";") {
			if words := strings.Fields(part); len(words) > 0 && strings.EqualFold(words[0], name) {
				return words[1:], true
			}
		}
	}
	return nil, false
}

// admits reports whether a list lets an address in; lists with nonces and wildcards have the
// benefit of the doubt.
func admits(sources []string, page, api *url.URL) bool {
	return slices.ContainsFunc(sources, func(source string) bool {
		source = strings.ToLower(source)
		return strings.Contains(source, "*") || source == api.Scheme+":" || strings.HasPrefix(source, "'nonce-") || source == "'strict-dynamic'" ||
			source == "'self'" && originOf(page) == originOf(api) ||
			source == api.Host || source == originOf(api) || strings.HasPrefix(source, originOf(api)+"/")
	})
}
