package web

import (
	"net/http"
	"net/url"
	"slices"

	"ruptura/internal/lang"
)

// Parameters and cookies that hold how someone likes to see the page. The script sets the same
// theme cookie.
const (
	langParam   = "lang"
	themeParam  = "tema"
	langCookie  = "ruptura_lang"
	themeCookie = "ruptura_tema"
	cookieYear  = 365 * 24 * 60 * 60

	// productsCookie is set by the script alone.
	productsCookie = "ruptura_produtos"
	productsOpen   = "aberto"
)

// themes are the values of the theme: as the system has it, light, dark.
var themes = []string{"sistema", "claro", "escuro"}

type preferences struct {
	lang  lang.Lang
	theme string
	manner
	// products tells that the list of the worst products is open.
	products bool
}

// preferences takes language and theme from the address, else from a cookie, else from the
// browser. Those in the address are remembered and taken out of values, which are the query's. How
// orders are analysed is in the address alone, so that a link shows everybody the same.
func (p *bookPage) preferences(w http.ResponseWriter, r *http.Request, values url.Values) preferences {
	prefs := preferences{lang: lang.Match(r.Header.Get("Accept-Language")), theme: themes[0]}
	if l, ok := lang.Parse(cookieValue(r, langCookie)); ok {
		prefs.lang = l
	}
	if l, ok := lang.Parse(values.Get(langParam)); ok {
		prefs.lang = l
		p.remember(w, langCookie, l.String())
	}
	if theme := cookieValue(r, themeCookie); slices.Contains(themes, theme) {
		prefs.theme = theme
	}
	if theme := values.Get(themeParam); slices.Contains(themes, theme) {
		prefs.theme = theme
		p.remember(w, themeCookie, theme)
	}
	prefs.products = cookieValue(r, productsCookie) == productsOpen
	prefs.manner = p.takeManner(values)
	values.Del(langParam)
	values.Del(themeParam)
	return prefs
}

func cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// remember keeps a preference for a year. It is not a secret and the page's script reads it, so
// it is neither Secure nor HttpOnly.
func (p *bookPage) remember(w http.ResponseWriter, name, value string) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // see above
		Name: name, Value: value, Path: p.BasePath + "/", MaxAge: cookieYear, SameSite: http.SameSiteLaxMode,
	})
}
