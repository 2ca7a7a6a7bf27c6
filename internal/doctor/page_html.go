package doctor

import (
	"bytes"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

const (
	clientFile   = "ruptura-worker-client.js"
	policyHeader = "Content-Security-Policy"
	maxShown     = 5
)

// clientTag is a script tag of the client.
type clientTag struct{ src, api, auto, table string }

// pageSeen is what matters of a page.
type pageSeen struct {
	clients  []clientTag
	older    []string
	buttons  int                   // of an older script, in the cells
	policies []string              // policies that the page itself states
	tables   map[string]*html.Node // elements by id
	starts   bool                  // a script in the page itself names the client
}

var (
	// olderFile is a script for the same purpose by its name; the client itself looks for the same.
	olderFile = regexp.MustCompile(`(?i)ruptura[^/]*\.js`)
	// olderText is what only a script that asks for stock-outs by itself says.
	olderText = regexp.MustCompile(`/api/ruptura/|processar-lote|(?i:analisar_?ruptura\s*\()`)
	// olderButton is what the client hides in the cells.
	olderButton = regexp.MustCompile(`(?i)ruptura`)
	clientText  = regexp.MustCompile(`\bRupturaWorkerClient\b`)
	idSelector  = regexp.MustCompile(`^#([\w-]+)$`)
)

// parsePage never fails: browsers read whatever is there, and so does the parser.
func parsePage(content []byte) *pageSeen {
	seen := &pageSeen{tables: map[string]*html.Node{}}
	root, err := html.Parse(bytes.NewReader(content))
	if err != nil { // only the reader's own
		return seen
	}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attribute(n, "id"); id != "" && seen.tables[id] == nil {
			seen.tables[id] = n
		}
		switch n.Data {
		case "script":
			seen.script(n)
		case "button", "a":
			seen.button(n)
		case "meta":
			if strings.EqualFold(attribute(n, "http-equiv"), policyHeader) {
				seen.policies = append(seen.policies, attribute(n, "content"))
			}
		}
	}
	return seen
}

// button counts a button or link that the client takes for an older script's, as its style does.
func (s *pageSeen) button(n *html.Node) {
	names := attribute(n, "class") + " " + attribute(n, "id") + " " + attribute(n, "onclick")
	if hasClass(n, "rpt-button") || !olderButton.MatchString(names) {
		return
	}
	for above := range n.Ancestors() {
		if above.Type == html.ElementNode && hasClass(above, "coluna-entrega-obs") {
			s.buttons++
			return
		}
	}
}

func (s *pageSeen) script(n *html.Node) {
	src := attribute(n, "src")
	path, _, _ := strings.Cut(src, "?")
	switch {
	case strings.HasSuffix(path, clientFile):
		s.clients = append(s.clients, clientTag{
			src: src, api: attribute(n, "data-ruptura-api"), auto: attribute(n, "data-ruptura-auto"), table: attribute(n, "data-ruptura-tabela"),
		})
	case src != "" && olderFile.MatchString(path):
		s.older = append(s.older, strconv.Quote(src))
	case src == "" && n.FirstChild != nil:
		text := n.FirstChild.Data
		if clientText.MatchString(text) {
			s.starts = true
		} else if found := olderText.FindString(text); found != "" {
			s.older = append(s.older, "<script> … "+strconv.Quote(found)+" …")
		}
	}
}

func (s *pageSeen) sources() []string {
	list := make([]string, len(s.clients))
	for i, c := range s.clients {
		list[i] = strconv.Quote(c.src)
	}
	return list
}

// tableID is the id of the client's table; unknown says that it is chosen in another way.
func (s *pageSeen) tableID() (id string, unknown bool) {
	if len(s.clients) == 0 || s.clients[0].table == "" {
		return "tabela-carteira", false
	}
	m := idSelector.FindStringSubmatch(s.clients[0].table)
	if m == nil {
		return "", true
	}
	return m[1], false
}

// tableRows are the rows of orders: those as they should be, and those that lack something.
type tableRows struct {
	whole    int
	nameless []string
	cellless []string // by their order
}

func rowsOf(table *html.Node) (rows tableRows) {
	for n := range table.Descendants() {
		if n.Type != html.ElementNode || !hasClass(n, "pedido-row") {
			continue
		}
		order := strings.TrimSpace(attribute(n, "data-pedido"))
		switch {
		case order == "":
			rows.nameless = append(rows.nameless, "")
		case !hasCell(n):
			rows.cellless = append(rows.cellless, strconv.Quote(order))
		default:
			rows.whole++
		}
	}
	return rows
}

func hasCell(row *html.Node) bool {
	for n := range row.Descendants() {
		if n.Type == html.ElementNode && hasClass(n, "coluna-entrega-obs") {
			return true
		}
	}
	return false
}

func hasClass(n *html.Node, class string) bool {
	return slices.Contains(strings.Fields(attribute(n, "class")), class)
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name && a.Namespace == "" {
			return a.Val
		}
	}
	return ""
}

func firstFew(list []string) []string { return list[:min(len(list), maxShown)] }
