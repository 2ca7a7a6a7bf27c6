package main

import (
	"encoding/json"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/tracing"
	"github.com/chromedp/chromedp"
)

// longTask is the longest task of a page while something went on, in milliseconds.
type longTask struct {
	Wall int // from its beginning to its end; 0 if none took more than 50
	Busy int // the most that a task spent on the processor
}

// blocks reports whether a page could not answer for more than 50 ms for what it did itself. On a
// busy machine a task takes long because it waits for a processor; then what it used of one counts.
func (l longTask) blocks() bool { return l.Wall > 50 && l.Busy > 50 }

// String implements fmt.Stringer.
func (l longTask) String() string {
	if l.Wall == 0 {
		return fmt.Sprintf("none over 50 ms, the busiest %d ms", l.Busy)
	}
	return fmt.Sprintf("%d ms, the busiest %d ms", l.Wall, l.Busy)
}

// traceEvent is what the browser's tracing tells of a task or a mark; times are in microseconds.
type traceEvent struct {
	Name    string  `json:"name"`
	Process int     `json:"pid"`
	Thread  int     `json:"tid"`
	Start   float64 `json:"ts"`
	Length  float64 `json:"dur"`
	Busy    float64 `json:"tdur"`
}

// longest is the longest task between two events of the client, in the page that met them while
// work was done.
func (b *tab) longest(from, to string, work func()) longTask {
	b.t.Helper()
	var events []traceEvent
	done := make(chan struct{})
	b.must(chromedp.Listen(b.ctx, func(event any) {
		switch e := event.(type) {
		case *tracing.EventDataCollected:
			for _, v := range e.Value {
				var t traceEvent
				if json.Unmarshal(v, &t) == nil {
					events = append(events, t)
				}
			}
		case *tracing.EventTracingComplete:
			close(done)
		}
	}))
	b.command(chromedp.Call(b.ctx, tracing.Start, tracing.StartParams{TraceConfig: &tracing.TraceConfig{
		IncludedCategories: []string{"disabled-by-default-devtools.timeline", "blink.user_timing"}, ExcludedCategories: []string{"*"},
	}}))
	work()
	b.command(chromedp.Call(b.ctx, tracing.End, cdp.Empty{}))
	select {
	case <-done:
	case <-b.ctx.Done():
		b.t.Fatal("the trace did not end")
	}
	wall := b.number(fmt.Sprintf(`(([from, to]) => Math.round(longTasks.filter((l) => l.start + l.ms >= from && l.start <= to).reduce((m, l) => Math.max(m, l.ms), 0)))
		([%q, %q].map((name) => performance.getEntriesByName(name)[0].startTime))`, from, to))
	return longTask{Wall: wall, Busy: busiest(events, from, to)}
}

// busiest is how many milliseconds the busiest task between two marks used of the processor, on
// the thread that made the marks; -1 if they are not in the trace.
func busiest(events []traceEvent, from, to string) int {
	marks := map[string]traceEvent{}
	for _, e := range events {
		marks[e.Name] = e
	}
	begin, end := marks[from], marks[to]
	if begin.Start == 0 || end.Start == 0 {
		return -1
	}
	busy := 0.0
	for _, e := range events {
		if e.Name == "RunTask" && e.Process == begin.Process && e.Thread == begin.Thread && e.Start+e.Length >= begin.Start && e.Start <= end.Start {
			busy = max(busy, e.Busy)
		}
	}
	return int(busy / 1000)
}
