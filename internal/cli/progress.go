package cli

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far long work has come, on stderr and to people only. The nil progress
// shows nothing.
type progress struct{ bar *progressbar.ProgressBar }

// progress starts a bar; total is in whatever unit the work is counted, -1 if unknown.
func (a *app) progress(total int64, what string, more ...progressbar.Option) *progress {
	if !a.StderrTerminal {
		return nil
	}
	options := append([]progressbar.Option{
		progressbar.OptionSetWriter(a.Stderr),
		progressbar.OptionSetDescription(what),
		progressbar.OptionSetWidth(24),
		progressbar.OptionThrottle(100 * time.Millisecond),
		progressbar.OptionSetPredictTime(total > 0),
		progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(0), // else it turns in a goroutine nobody stops
		progressbar.OptionClearOnFinish(),
	}, more...)
	bar := progressbar.NewOptions64(total, options...)
	_ = bar.RenderBlank() // at once, for the first step may take a while
	return &progress{bar}
}

// step counts n more as done. A terminal that cannot be written to must not fail the work.
func (p *progress) step(n int64) {
	if p != nil {
		_ = p.bar.Add64(n)
	}
}

// done takes the bar away, so that what follows stands on a clean line.
func (p *progress) done() {
	if p != nil {
		_ = p.bar.Clear()
		_ = p.bar.Exit()
	}
}

// set tells how much is done in all.
func (p *progress) set(n int64) {
	if p != nil {
		_ = p.bar.Set64(n)
	}
}

// waiting runs work that cannot tell how far it is, and shows that it is going on.
func (a *app) waiting(what string, work func() error) error {
	if !a.StderrTerminal {
		return work()
	}
	bar := a.progress(-1, what)
	defer bar.done()
	finished := make(chan error, 1)
	go func() { finished <- work() }()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-finished:
			return err
		case <-tick.C:
			bar.step(1)
		}
	}
}
