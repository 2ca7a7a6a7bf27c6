package main

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"

	"ruptura/internal/atp"
)

// looks gives what decides how parts of the client look, by selector and property, with the sizes
// of those whose size is not the page's to choose.
const looks = `(() => {
  const found = {};
  const parts = ['.rpt-button', '.rpt-button .rpt-label', '.rpt-button .rpt-badge', '.rpt-button .rpt-icon', '.rpt-panel', '.rpt-panel progress',
    '.rpt-panel .rpt-action', '.rpt-panel select', '.rpt-panel .rpt-status', 'dialog[open]', 'dialog .rpt-title', 'dialog .rpt-facts', 'dialog .rpt-fact dd',
    'dialog .rpt-tab', 'dialog .rpt-items td', 'dialog .rpt-project', 'dialog .rpt-project svg'];
  const properties = ['display', 'position', 'visibility', 'color', 'backgroundColor', 'fill', 'fontFamily', 'fontSize', 'fontStyle', 'fontWeight', 'letterSpacing',
    'padding', 'margin', 'borderRadius', 'boxSizing', 'whiteSpace', 'textAlign', 'textTransform', 'opacity', 'appearance',
    'boxShadow', 'transform', 'filter', 'minWidth', 'flexDirection'];
  for (const part of parts) {
    const element = document.querySelector(part), style = element && getComputedStyle(element);
    for (const name of properties) found[part + ' ' + name] = style ? style[name] : 'missing';
  }
  for (const part of ['.rpt-button', '.rpt-panel progress', 'dialog[open]']) {
    const {width, height} = document.querySelector(part).getBoundingClientRect();
    found[part + ' size'] = [width, height].join(' × ');
  }
  return JSON.stringify(found);
})()`

// Whatever a host page says of all its buttons, cells and dialogs, the client looks the same.
func TestHostStyles(t *testing.T) {
	browser := startBrowser(t)
	book := &served{database: filepath.Join(t.TempDir(), "browser.db"), files: filepath.Join(t.TempDir(), "dados")}
	runProgram(t, "generate", book.files, "--orders", strconv.Itoa(hostOrders), "--seed", "2", "--today", browserToday.String())
	book.load(t, book.files)
	orders := book.numbers(t, hostOrders)
	plain := book.dressed(t, browser, dresses[0], orders)
	for _, l := range dresses[1:] {
		t.Run(l.name, func(t *testing.T) {
			got := book.dressed(t, browser, l, orders)
			for _, key := range slices.Sorted(maps.Keys(plain)) {
				if got[key] != plain[key] {
					t.Errorf("%s: %q, want %q", key, got[key], plain[key])
				}
			}
		})
	}
}

// dressed opens a page in a dress, and in it an order, and gives how the client looks.
func (s *served) dressed(t *testing.T, browser context.Context, l dress, orders []atp.OrderNumber) map[string]string {
	t.Helper()
	h := newHost(t)
	h.program = s.startWith(t, "--allow-origin", h.URL)
	b := newTab(t, browser)
	b.open(h.page(t, l, orders))
	b.analysed()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`.rpt-button`))))
	b.wait(`document.querySelector('dialog[open] .rpt-items .rpt-project')`)
	b.wait(`document.querySelector('dialog[open]').getAnimations().length === 0`)
	var found map[string]string
	b.must(json.Unmarshal([]byte(b.text(looks)), &found))
	return found
}
