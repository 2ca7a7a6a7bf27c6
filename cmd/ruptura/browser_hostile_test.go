package main

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"ruptura/internal/atp"
	"ruptura/internal/dataset"
)

// Limits of texts in a database, in characters, as the import has them.
const (
	longestCode = 50
	longestName = 255
	longestNote = 2000
)

// hostileTexts are texts that hurt a page which takes them for anything but text.
var hostileTexts = []string{
	`<img src=x onerror="window.hacked=1">'"&`,
	`</title></script><script>window.hacked=1</script>`,
	`" onmouseover="window.hacked=1" x='`,
	`'); window.hacked=1; ('`,
	`</td></tr></table><h1>fora</h1>`,
	`<!--<svg/onload=window.hacked=1>`,
	`{{.}} ${window.hacked=1} %s %00 &lt;b&gt;`,
	`javascript:window.hacked=1`,
	`../../x?y=1&z=2#w;v %2F\`,
	`=HYPERLINK("http://x","y")`,
	"\u202eodidep \u2067مرحبا\u2069 שלום",
	"👩‍👩‍👧‍👦🏳️‍🌈 e\u0301\u0301\u0301\u0301\u0301 z\u200bw\ufeffn",
	"a\u2028b\u2029c\u00a0d",
	"W\u00adWW",
}

// Hostile texts of every kind, as long as they may be, are shown as what they are: nothing runs, the page
// keeps its shape, and each order still opens.
func TestBrowserHoldsHostileBook(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	server := &served{database: filepath.Join(t.TempDir(), "browser.db")}
	book := hostileBook()
	server.replace(t, dataset.Relations(), book.write)
	server.start(t)
	for _, width := range []int64{1366, 360} {
		for _, lang := range []string{"pt", "en"} {
			t.Run(fmt.Sprintf("%d px, %s", width, lang), func(t *testing.T) {
				t.Parallel()
				b := newTab(t, browser)
				b.must(chromedp.Do(b.ctx, chromedp.EmulateViewport(width, 768)))
				b.open(server.url + "/carteira?lang=" + lang)
				b.analysed()
				b.oneButtonEach(len(book))
				b.showsTexts(book)
				b.keepsShape("the page", width)
				if width > 1000 {
					b.rowsAlike()
				}
				b.opensEach(book, width)
				b.unharmed()
			})
		}
	}
	t.Run("searched for", func(t *testing.T) {
		t.Parallel()
		findsHostile(t, browser, server, book)
	})
}

// hostileOrders is a book in which each order has one hostile text in every place that takes one.
type hostileOrders []hostileOrder

type hostileOrder struct {
	number, product string
	name, note      string
}

func hostileBook() hostileOrders {
	var book hostileOrders
	for i, text := range hostileTexts {
		book = append(book,
			hostileOrder{number: fmt.Sprintf("%s%02d", text, i), product: fmt.Sprintf("P%02d%s", i, text), name: text, note: text},
			hostileOrder{number: filled(fmt.Sprintf("%02d", i)+text, longestCode), product: filled(fmt.Sprintf("Q%02d%s", i, text), longestCode),
				name: filled(text, longestName), note: filled(text, longestNote)})
	}
	for i := range book {
		book[i].number, book[i].product = cutTo(book[i].number, longestCode), cutTo(book[i].product, longestCode)
	}
	return book
}

// filled repeats a text until it has so many characters.
func filled(text string, length int) string {
	return cutTo(strings.Repeat(text, length/len([]rune(text))+1), length)
}

func cutTo(text string, length int) string {
	if runes := []rune(text); len(runes) > length {
		text = string(runes[:length])
	}
	return strings.TrimSpace(text)
}

// write gives each order two lines: a product of its own that is short, and one that all share.
func (book hostileOrders) write(w dataset.Writer) error {
	for _, o := range book {
		number := atp.OrderNumber(o.number)
		rows := []error{
			w.Order(dataset.Order{Number: number, Client: o.name, TaxID: cutTo(o.name, longestCode), City: o.name, UF: "SP",
				Salesperson: o.name, Ordered: browserToday - 3, Requested: browserToday + 3, Note: o.note}),
			w.Item(dataset.Item{Order: number, Line: 1, Product: atp.ProductCode(o.product), Name: o.name, Open: 5000, Price: 1250, Priced: true}),
			w.Item(dataset.Item{Order: number, Line: 2, Product: "COMUM", Name: o.name, Open: 1000, Price: 100, Priced: true}),
			w.Movement(dataset.Movement{Product: atp.ProductCode(o.product), Place: o.name, Quantity: 2000}),
			w.Reservation(dataset.Reservation{Lot: cutTo(o.name, longestCode), Order: number, Product: atp.ProductCode(o.product), Quantity: 1000, Ships: browserToday + 1}),
		}
		for _, err := range rows {
			if err != nil {
				return err
			}
		}
	}
	return w.Movement(dataset.Movement{Product: "COMUM", Quantity: 1_000_000})
}

// showsTexts fails unless each order's row holds its texts, letter by letter.
func (b *tab) showsTexts(book hostileOrders) {
	b.t.Helper()
	type row struct{ Number, Shown, Client, Seller, Note string }
	rows := map[string]row{}
	for _, r := range evaluate[[]row](b, `[...document.querySelectorAll('tr.pedido-row')].map((r) => ({
		Number: r.dataset.pedido, Shown: r.querySelector('.c-number').textContent, Client: r.querySelector('.c-client').textContent,
		Seller: r.querySelector('.c-seller').textContent, Note: r.querySelector('.note').title}))`) {
		rows[r.Number] = r
	}
	for _, o := range book {
		if want := (row{o.number, o.number, o.name, o.name, o.note}); rows[o.number] != want {
			b.t.Errorf("the row is %q, want %q", rows[o.number], want)
		}
	}
}

// keepsShape fails if something is wider than the screen.
func (b *tab) keepsShape(what string, width int64) {
	b.t.Helper()
	if n := b.number(`document.documentElement.scrollWidth`); int64(n) > width {
		b.t.Errorf("%s is %d px wide, the screen %d: %s", what, n, width, b.text(`[...document.querySelectorAll('body *')]
			.filter((e) => e.getBoundingClientRect().right > innerWidth + 1).slice(0, 5).map((e) => e.tagName + '.' + (e.className.baseVal ?? e.className)).join(' ')`))
	}
}

// rowsAlike fails unless rows of the book are as high as short texts make them: one line, or where
// there is no room beside the button two of them, the second for the note.
func (b *tab) rowsAlike() {
	b.t.Helper()
	for what, most := range map[string]int{"tr.pedido-row:has(.note:not(:empty))": 56, "tr.pedido-row:not(:has(.note:not(:empty)))": 40} {
		heights := evaluate[[]int](b, `[...new Set([...document.querySelectorAll('`+what+`')].map((r) => Math.ceil(r.getBoundingClientRect().height)))]`)
		for _, height := range heights {
			if height > most {
				b.t.Errorf("%s: rows are %v px high, want at most %d", what, heights, most)
			}
		}
	}
}

// opensEach opens each order and the projection of its own product.
func (b *tab) opensEach(book hostileOrders, width int64) {
	b.t.Helper()
	for i, o := range book {
		b.do(fmt.Sprintf(`[...document.querySelectorAll('tr.pedido-row')].find((r) => r.dataset.pedido === %s).querySelector('.rpt-button').click()`, literal(o.number)))
		b.wait(`document.querySelector('dialog[open] :is(.rpt-items, [role=alert])')`)
		if b.number(`document.querySelectorAll('dialog[open] .rpt-items').length`) == 0 {
			b.t.Errorf("%q does not open: %s", o.number, b.text(`document.querySelector('dialog[open]').innerText`))
			b.do(`document.querySelector('dialog[open]').close()`)
			continue
		}
		if title := b.text(`document.querySelector('dialog[open] .rpt-title').textContent`); !strings.HasSuffix(title, o.number) {
			b.t.Errorf("the details of %q are called %q", o.number, title)
		}
		if got := b.text(`document.querySelector('dialog[open] .rpt-name').textContent`); got != o.name {
			b.t.Errorf("the product is called %q, want %q", got, o.name)
		}
		b.dialogFits(width)
		if i%4 < 2 { // a projection for each second text, short and long
			b.do(`document.querySelector('dialog[open] .rpt-project').click()`)
			b.wait(`document.querySelector('dialog[open] .rpt-chart *')`)
			b.dialogFits(width)
		}
		b.do(`document.querySelector('dialog[open]').close()`)
		b.wait(`!document.querySelector('dialog[open]')`)
	}
}

// dialogFits fails if the dialog is wider than the screen, or scrolls sideways.
func (b *tab) dialogFits(width int64) {
	b.t.Helper()
	if over := b.text(`(() => {
		const d = document.querySelector('dialog[open]'), {left, right} = d.getBoundingClientRect();
		const wide = [...d.querySelectorAll(':not(.rpt-scroll *, .rpt-scrub)')].filter((e) => e.getBoundingClientRect().right > right + 1 && !e.closest('.rpt-hidden, svg') && getComputedStyle(e.closest('thead') ?? d).clipPath === 'none');
		return left < 0 || right > innerWidth || wide.length ? [left, right, ...wide.slice(0, 4).map((e) => e.tagName + '.' + e.className)].join(' ') : '';
	})()`); over != "" {
		b.t.Errorf("at %d px the dialog does not fit: %s", width, over)
	}
}

// unharmed fails if a text has become more than a text.
func (b *tab) unharmed() {
	b.t.Helper()
	if b.number(`Number(Boolean(window.hacked))`) != 0 {
		b.t.Error("a text has run")
	}
	if n := b.number(`document.querySelectorAll('img:not(.mark), script:not([src]), main h1, [onerror], [onmouseover], [onload]').length`); n > 0 {
		b.t.Errorf("%d elements were texts", n)
	}
	b.quiet()
}

// findsHostile searches for each text and fails unless the page gives it back as it was typed.
func findsHostile(t *testing.T, browser context.Context, server *served, book hostileOrders) {
	b := newTab(t, browser)
	for _, o := range book {
		query := cutTo(o.name, 200)
		b.open(server.url + "/carteira?lang=pt")
		b.do(fmt.Sprintf(`(() => { const form = document.querySelector('#filtros'); form.q.value = %s; form.requestSubmit(); })()`, literal(query)))
		b.wait(`location.search.includes('q=') && document.readyState === 'complete'`)
		if got := b.text(`document.querySelector('#filtros [name=q]').value`); got != query {
			t.Errorf("searched for %q, the page says %q", query, got)
		}
		if n := b.number(`document.querySelectorAll('tr.pedido-row').length`); n == 0 {
			t.Errorf("%q finds nothing", query)
		}
		b.unharmed()
	}
}

// literal makes a text a string of JavaScript.
func literal(text string) string {
	out, err := json.Marshal(text)
	if err != nil {
		panic(err) // a string is always JSON
	}
	return string(out)
}
