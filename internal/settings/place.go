package settings

import (
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxBasePath is in bytes; longer ones are mistakes.
const maxBasePath = 200

// segmentForm admits what no program along the way would write in another form.
var segmentForm = regexp.MustCompile(`^[A-Za-z0-9._~-]+$`)

// parseBasePath reads where the program stands below its host: "ruptura", "/ruptura/" and
// "/ruptura" are the same, "/" is "".
func parseBasePath(s string) (string, error) {
	if s == "" || s == "/" {
		return "", nil
	}
	trimmed := strings.TrimSuffix(strings.TrimPrefix(s, "/"), "/")
	for segment := range strings.SplitSeq(trimmed, "/") {
		if !segmentForm.MatchString(segment) || segment == "." || segment == ".." || len(s) > maxBasePath {
			return "", refuse("deve ser um caminho de letras, algarismos e . _ ~ -, por exemplo /ruptura, sem http:// nem nome de máquina",
				"must be a path of letters, digits and . _ ~ -, for example /ruptura, without http:// or host name")
		}
	}
	return "/" + trimmed, nil
}

// addOrigins adds a comma-separated list of origins to those already there.
func addOrigins(s *Settings, list string) error {
	for text := range strings.SplitSeq(list, ",") {
		origin, err := parseOrigin(strings.TrimSpace(text))
		if err != nil {
			return err
		}
		if !slices.Contains(s.Origins, origin) {
			s.Origins = append(s.Origins, origin)
		}
	}
	return nil
}

// parseOrigin reads one origin and writes it as browsers do, because it is compared as a text.
func parseOrigin(s string) (string, error) {
	switch s {
	case "*":
		return "", refuse("a carteira não se abre a qualquer página: diga cada origem, por exemplo https://erp.empresa.com.br",
			"the order book is not open to any page: name each origin, for example https://erp.example.com")
	case "null":
		return "", refuse("null é a origem de qualquer página sem endereço, como um arquivo local: sirva a página por http ou https",
			"null is the origin of any page without an address, like a local file: serve the page by http or https")
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(s, u.Scheme+"://"+u.Host) {
		return "", notOrigin()
	}
	host, ok := originHost(u.Hostname())
	port, portOK := originPort(u)
	if !ok || !portOK {
		return "", notOrigin()
	}
	return u.Scheme + "://" + host + port, nil
}

func notOrigin() error {
	return refuse("deve ser só esquema, nome e, se houver, porta, sem caminho nem barra no fim, por exemplo https://erp.empresa.com.br",
		"must be scheme, name and, if any, port alone, without path or slash at its end, for example https://erp.example.com")
}

func originHost(name string) (string, bool) {
	if addr, err := netip.ParseAddr(name); err == nil && addr.Zone() == "" {
		if addr.Is4() {
			return addr.String(), true
		}
		return "[" + addr.String() + "]", true
	}
	name = strings.ToLower(name)
	return name, hostForm.MatchString(name)
}

// originPort is ":8443", or "" for the scheme's own port, which browsers leave out.
func originPort(u *url.URL) (string, bool) {
	text := u.Port()
	if text == "" {
		return "", !strings.HasSuffix(u.Host, ":")
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return "", false
	}
	if u.Scheme == "http" && port == 80 || u.Scheme == "https" && port == 443 {
		return "", true
	}
	return ":" + strconv.FormatUint(port, 10), true
}
