package main

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
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
	t.Parallel()
	browser := sharedBrowser(t)
	plain := dressed(t, browser, dresses[0])
	for _, l := range dresses[1:] {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			got := dressed(t, browser, l)
			for _, key := range slices.Sorted(maps.Keys(plain)) {
				if got[key] != plain[key] {
					t.Errorf("%s: %q, want %q", key, got[key], plain[key])
				}
			}
		})
	}
}

// dressed opens a page in a dress, and in it an order, and gives how the client looks.
func dressed(t *testing.T, browser context.Context, l dress) map[string]string {
	t.Helper()
	h, book := newHost(t), newDemo(t, hostOrders, 2)
	h.program = book.startWith(t, "--allow-origin", h.URL)
	b := newTab(t, browser)
	b.open(h.page(t, l, book.numbers(t, hostOrders)))
	b.analysed()
	b.must(chromedp.Do(b.ctx, chromedp.Click(chromedp.CSS(`.rpt-button`))))
	b.wait(`document.querySelector('dialog[open] .rpt-items .rpt-project')`)
	b.wait(`document.querySelector('dialog[open]').getAnimations().length === 0`)
	var found map[string]string
	b.must(json.Unmarshal([]byte(b.text(looks)), &found))
	return found
}
