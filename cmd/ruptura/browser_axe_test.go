package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// axeLooks are the themes on a screen and on a telephone.
var axeLooks = []appearance{
	{"light", "light", "", 1366, 768}, {"dark, narrow", "dark", "", 360, 740},
	{"light, narrow", "light", "", 360, 740}, {"dark", "dark", "", 1366, 768},
}

// axeRun gives what axe-core, with all the rules it has by default, finds wrong with a page.
const axeRun = `axe.run(document, {resultTypes: ['violations']}).then(({violations}) => violations.map((v) =>
	v.id + ' (' + v.impact + ', ' + v.nodes.length + ' times): ' + v.nodes[0].html.slice(0, 300) + '\n' + v.nodes[0].failureSummary))`

// axe-core finds nothing wrong with any state of the pages.
func TestAxe(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("looks at each state of the pages in each look")
	}
	axe := axeSource(t)
	browser := sharedBrowser(t)
	stage := newStage(t, clientOrders)
	for i, state := range states {
		l := []string{"pt", "en"}[i%2] // rules look at markup and colours, which are the same in both
		t.Run(state.name, func(t *testing.T) {
			t.Parallel()
			s := scene{stage, newTab(t, browser), l}
			s.wear(axeLooks[0])
			state.show(s)
			s.must(chromedp.Do(s.ctx, chromedp.Evaluate[chromedp.Void](axe)))
			for _, look := range axeLooks { // the page changes its clothes where it stands
				s.wear(look)
				for _, violation := range evaluate[[]string](s.tab, axeRun) {
					t.Errorf("%s: %s", look.name, violation)
				}
			}
		})
	}
}

// axeSource is axe-core as npm delivers it.
func axeSource(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("..", "..", "tools", "js", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		if os.Getenv(requireServices) == "1" {
			t.Fatal(err)
		}
		t.Skip("axe-core is not installed (bash scripts/setup.sh test)")
	}
	return string(source) + "; undefined"
}
