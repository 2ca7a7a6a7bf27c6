package bookquery

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/source"
)

// The most characters that a field may have.
const (
	maxText    = 200
	maxName    = 100
	maxProduct = 50
	maxSession = 100
	maxCursor  = 1000
)

var (
	filterFields  = []string{Text, UF, Salesperson, Important, Product, NeedFrom, NeedTo}
	listingFields = []string{Order, Limit, Cursor, Session, Contested}
)

// parser collects every problem instead of stopping at the first, so that a form can show them all.
type parser struct {
	values   url.Values
	problems []Problem
}

func (p *parser) problem(field, pt, en string, args ...any) {
	p.problems = append(p.problems, Problem{field, lang.Text{PT: fmt.Sprintf(pt, args...), EN: fmt.Sprintf(en, args...)}})
}

func (p *parser) refuseUnknown(known ...[]string) {
	all := slices.Concat(known...)
	var unknown []string
	for field := range p.values {
		if !slices.Contains(all, field) {
			unknown = append(unknown, field)
		}
	}
	slices.Sort(unknown)
	for _, field := range unknown {
		p.problem(shorten(field), "parâmetro desconhecido; os aceitos são %s", "unknown parameter; those accepted are %s",
			strings.Join(all, ", "))
	}
}

func (p *parser) filter() source.Filter {
	f := source.Filter{
		Text:        p.text(Text, maxText),
		UF:          p.uf(),
		Salesperson: p.text(Salesperson, maxName),
		Important:   p.important(),
		Product:     atp.ProductCode(p.text(Product, maxProduct)),
		NeedFrom:    p.day(NeedFrom),
		NeedTo:      p.day(NeedTo),
	}
	if f.NeedFrom.Known() && f.NeedTo.Known() && f.NeedFrom > f.NeedTo {
		p.problem(NeedTo, "a data final vem antes da inicial; troque as duas", "the last date is before the first; swap them")
	}
	return f
}

// text is a field without the space around it, at most limit characters long and free of control
// characters.
func (p *parser) text(field string, limit int) string {
	all := p.values[field]
	if len(all) == 0 {
		return ""
	}
	s := strings.TrimSpace(all[0])
	switch {
	case len(all) > 1:
		p.problem(field, "foi dado %d vezes; dê um só valor", "was given %d times; give one value", len(all))
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		p.problem(field, "tem caracteres que não são texto", "has characters that are not text")
	case utf8.RuneCountInString(s) > limit:
		p.problem(field, "tem mais de %d caracteres", "has more than %d characters", limit)
	default:
		return s
	}
	return ""
}

func (p *parser) uf() string {
	s := strings.ToUpper(p.text(UF, maxName))
	isLetter := func(r rune) bool { return r >= 'A' && r <= 'Z' }
	if s == "" || len(s) == 2 && strings.TrimFunc(s, isLetter) == "" {
		return s
	}
	p.problem(UF, "a UF tem duas letras, como SP", "a state has two letters, such as SP")
	return ""
}

func (p *parser) important() *bool { return p.flag(Important) }

// flag is true or false, or nil when the field is absent.
func (p *parser) flag(field string) *bool {
	s := p.text(field, maxName)
	switch strings.ToLower(s) {
	case "":
		return nil
	case "true", "1", "sim":
		return new(true)
	case "false", "0", "nao", "não":
		return new(false)
	}
	p.problem(field, "use true ou false", "use true or false")
	return nil
}

func (p *parser) contested(session string) bool {
	asked := p.flag(Contested)
	if asked == nil || !*asked {
		return false
	}
	if session == "" {
		p.problem(Contested, "pede também sessao, o session_id de uma análise com modo=concorrente",
			"also needs sessao, the session_id of an analysis with modo=concorrente")
	}
	return true
}

func (p *parser) day(field string) atp.Day {
	s := p.text(field, maxName)
	if s == "" {
		return 0
	}
	d, err := atp.ParseDay(s)
	if err != nil {
		p.problem(field, "escreva a data como AAAA-MM-DD", "write the date as YYYY-MM-DD")
	}
	return d
}

func (p *parser) session() string {
	s := p.text(Session, maxSession)
	isWord := func(r rune) bool {
		return r == '-' || r == '_' || r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
	}
	if strings.TrimFunc(s, isWord) != "" {
		p.problem(Session, "não é uma sessão; use o session_id da análise", "is not a session; use the session_id of the analysis")
		return ""
	}
	return s
}

func (p *parser) order(session string) (source.Column, bool) {
	s, descending := strings.CutPrefix(p.text(Order, maxName), "-")
	column := source.Column(s)
	switch {
	case s == "" && !descending:
		return source.ByNeed, false
	case slices.Contains(resultColumns, column):
		if session == "" {
			p.problem(Order, "ordenar por %s pede também sessao, o session_id de uma análise",
				"sorting by %s also needs sessao, the session_id of an analysis", s)
		}
	case !slices.Contains(source.Columns(), column):
		p.problem(Order, "não há essa coluna; use uma de %s", "there is no such column; use one of %s", columnList())
	}
	return column, descending
}

func (p *parser) limit() int {
	s := p.text(Limit, maxName)
	if s == "" {
		return DefaultLimit
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > MaxLimit {
		p.problem(Limit, "use um número de 1 a %d", "use a number from 1 to %d", MaxLimit)
		return DefaultLimit
	}
	return n
}

func columnList() string {
	var names []string
	for _, c := range slices.Concat(source.Columns(), resultColumns) {
		names = append(names, string(c))
	}
	return strings.Join(names, ", ")
}

// shorten keeps an answer about a nonsense field from growing with it.
func shorten(field string) string {
	if utf8.RuneCountInString(field) <= maxName {
		return field
	}
	return string([]rune(field)[:maxName]) + "…"
}
