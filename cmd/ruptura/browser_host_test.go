package main

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Tests of the client on pages of somebody else's, in a real browser against the real program.
func TestHostPages(t *testing.T) {
	t.Parallel()
	browser := sharedBrowser(t)
	for _, where := range []struct {
		name  string
		start func(t *testing.T, h *host, book *served)
	}{
		{"another origin", func(t *testing.T, h *host, book *served) { h.program = book.startWith(t, "--allow-origin", h.URL) }},
		{"another path", func(t *testing.T, h *host, book *served) {
			h.program = "/ruptura"
			h.forward(t, h.program, book.startWith(t, "--base-path", h.program, "--host-name", "localhost"))
		}},
	} {
		for _, l := range dresses {
			t.Run(where.name+", "+l.name, func(t *testing.T) {
				t.Parallel()
				h, book := newHost(t), newDemo(t, hostOrders, 2)
				where.start(t, h, book)
				behavesOnHostPage(t, browser, h.page(t, l, book.numbers(t, hostOrders)))
			})
		}
	}
	t.Run("an origin that is not allowed", func(t *testing.T) {
		t.Parallel()
		h, book := newHost(t), newDemo(t, hostOrders, 2)
		h.program = book.startWith(t, "--allow-origin", "https://erp.example.com")
		seesNothing(t, browser, h.page(t, dresses[0], book.numbers(t, hostOrders)))
	})
}

// startWith runs the program on the database with further settings.
func (s *served) startWith(t *testing.T, flags ...string) string {
	t.Helper()
	args := []string{"serve", "--db", "sqlite:" + s.database, "--today", browserToday.String(), "--addr", "127.0.0.1:0"}
	return startProgram(t, buildProgram(t), append(args, flags...)...)
}

// behavesOnHostPage fails unless the client does all it should, whatever the page does.
func behavesOnHostPage(t *testing.T, browser context.Context, address string) {
	t.Helper()
	b := newTab(t, browser)
	b.open(address)
	b.analysed()
	b.wholeStream(hostOrders)
	b.oneButtonEach(hostOrders)
	for _, change := range []string{"hide", "show", "sort", "refill", "replace", "clone", "detach", "sort"} {
		b.must(chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](`erp.`+change+`(); undefined`)))
		b.oneButtonEach(hostOrders)
		if n := b.number(`document.querySelectorAll('.rpt-button[data-estado=waiting], .rpt-button[data-estado=idle]').length`); n > 0 {
			t.Errorf("after %s %d buttons have lost their results", change, n)
		}
	}
	b.opensDetails()
	if n := b.requested("POST "); n != 1 {
		t.Errorf("%d analyses, want 1", n)
	}
	if n := b.requested("/status/"); n != 0 {
		t.Errorf("%d requests for the status while streaming works", n)
	}
	if visible := b.number(`[...document.querySelectorAll('.coluna-entrega-obs button')].filter((e) => e.offsetParent).length`); visible != hostOrders {
		t.Errorf("%d buttons are to be seen, want %d", visible, hostOrders)
	}
	b.warnedOnce("o script foi carregado mais de uma vez", "há um script de ruptura mais antigo")
}

// warnedOnce fails unless the console shows each of these warnings of the client, and nothing else.
func (b *tab) warnedOnce(texts ...string) {
	b.t.Helper()
	got := b.troubles()
	for _, text := range texts {
		if n := b.warnings(text); n != 1 {
			b.t.Errorf("%d warnings that %s", n, text)
		}
	}
	if len(got) != len(texts) {
		b.t.Errorf("the console shows %q", got)
	}
}

// warnings counts the client's warnings that hold a text.
func (b *tab) warnings(text string) (n int) {
	for _, line := range b.troubles() {
		warning, _ := strings.CutPrefix(line, "warning: ")
		var said string
		if json.Unmarshal([]byte(warning), &said) == nil && strings.HasPrefix(said, "ruptura: ") && strings.Contains(said, text) {
			n++
		}
	}
	return n
}

// opensDetails fails unless a click on a button shows the order, and Esc takes it away.
func (b *tab) opensDetails() {
	b.t.Helper()
	if box := b.text(`JSON.stringify(document.querySelector('.rpt-button').getBoundingClientRect())`); b.number(`(() => {
		const {width, height} = document.querySelector('.rpt-button').getBoundingClientRect();
		return Number(width > 100 && height >= 24 && height < 60 && getComputedStyle(document.querySelector('.rpt-button')).visibility === 'visible');
	})()`) != 1 {
		b.t.Errorf("the button is not to be seen: %s", box)
	}
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`.rpt-button`))))
	b.wait(`document.querySelector('dialog[open] .rpt-items')`)
	if style := b.text(`(() => {
		const {width, height} = document.querySelector('dialog[open]').getBoundingClientRect();
		const of = getComputedStyle(document.querySelector('dialog[open]'));
		return width > 300 && height > 150 && of.visibility === 'visible' && of.position === 'fixed' ? '' : [width, height, of.visibility, of.position, of.display].join(' ');
	})()`); style != "" {
		b.t.Errorf("the details are not to be seen: %s", style)
	}
	b.must(chromedp.Do(b.ctx, chromedp.KeyEvent(kb.Escape)))
	b.wait(`!document.querySelector('dialog[open]')`)
}

// seesNothing fails if a page of an origin that is not allowed gets anything of the order book.
func seesNothing(t *testing.T, browser context.Context, address string) {
	t.Helper()
	b := newTab(t, browser)
	b.open(address)
	b.wait(`document.querySelector('.rpt-panel')`)
	b.waitTrouble("CORS policy")
	if n := b.number(`seen.filter((e) => e.name === 'inicio' || e.name === 'resultado').length`); n > 0 {
		t.Errorf("%d events of an analysis", n)
	}
	b.oneButtonEach(hostOrders)
}

// waitTrouble waits until the console shows a text.
func (b *tab) waitTrouble(text string) {
	b.t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !slices.ContainsFunc(b.troubles(), func(line string) bool { return strings.Contains(line, text) }) {
		select {
		case <-b.ctx.Done():
			b.t.Fatalf("waited in vain for %q on the console: %q", text, b.troubles())
		case <-again.C:
		}
	}
}
