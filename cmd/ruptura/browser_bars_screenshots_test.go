package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// screenshotsDir names a folder that takes a picture of each state of the pages; scripts/screenshots.sh
// sets it.
const screenshotsDir = "RUPTURA_SCREENSHOTS"

// shotLooks are what the states are pictured in.
var shotLooks = []appearance{
	{"wide-light-pt", "light", "pt", 1366, 800},
	{"wide-dark-pt", "dark", "pt", 1366, 800},
	{"narrow-light-en", "light", "en", 360, 760},
	{"narrow-dark-pt", "dark", "pt", 360, 760},
	{"tablet-light-pt", "light", "pt", 768, 1024},
	{"large-dark-en", "dark", "en", 1920, 1080},
	{"larger-light-pt", "light", "pt", 2560, 1440},
	{"4k-dark-pt", "dark", "pt", 3840, 2160},
}

// TestScreenshots pictures each state in each look, for people to judge. It is a program more than a test.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv(screenshotsDir)
	if dir == "" {
		t.Skip(screenshotsDir + " names no folder (bash scripts/screenshots.sh FOLDER)")
	}
	// A browser's own words, as in a date's field, are in the language that it was started in.
	browsers := map[string]context.Context{
		"pt": startBrowser(t, chromedp.Flag("lang", "pt-BR"), chromedp.Env("LANGUAGE=pt_BR")),
		"en": startBrowser(t, chromedp.Flag("lang", "en-US"), chromedp.Env("LANGUAGE=en_US")),
	}
	stage := newStage(t, 1000)
	for _, a := range shotLooks {
		for _, state := range states {
			t.Run(a.name+"/"+state.name, func(t *testing.T) {
				s := scene{stage, newTab(t, browsers[a.lang]), a.lang}
				s.wear(a)
				state.show(s)
				s.shoot(filepath.Join(dir, state.name+"-"+a.name+".png"))
			})
		}
	}
}

// shoot writes a picture of what a tab shows.
func (b *tab) shoot(file string) {
	b.t.Helper()
	b.painted()
	picture, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.must(err)
	b.must(os.WriteFile(file, picture, 0o600))
}
