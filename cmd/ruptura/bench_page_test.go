package main

import (
	"strconv"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// watchFirstPaint notes when the first results of a page were on the screen: the end of the frame that
// shows them, which is the one going on if the client works in a frame, else the next.
const watchFirstPaint = `window.firstPaint = 0;
let inFrame = false;
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = (work) => frame((at) => {
	inFrame = true;
	try { work(at); } finally { inFrame = false; }
});
const ended = () => {
	const {port1, port2} = new MessageChannel();
	port1.onmessage = () => { firstPaint = performance.now(); };
	port2.postMessage(0);
};
document.addEventListener('ruptura:resultado', () => (inFrame ? ended() : frame(ended)), {once: true});`

// writeAWord is what a page does at least to show something after its load event, and notes when it was on
// the screen.
const writeAWord = `window.firstPaint = 0;
addEventListener('load', () => {
	document.querySelector('.coluna-entrega-obs').textContent = 'x';
	requestAnimationFrame(() => {
		const {port1, port2} = new MessageChannel();
		port1.onmessage = () => { firstPaint = performance.now(); };
		port2.postMessage(0);
	});
});`

// BenchmarkPageFirstResults is how long an analyst waits, with 1,000 orders in the book, from the load
// event until the first results are on the screen, against a bare client's time from sending the same
// orders to the first result; they take turns, and the ratio is the median of the pairs. What the browser
// itself takes is told by the same page without any script, in which one word changes.
func BenchmarkPageFirstResults(b *testing.B) {
	server := startBench(b, benchData)
	browser := startBrowser(b)
	tab := newTab(b, browser)
	tab.beforeScripts(watchFirstPaint)
	silent := newTab(b, browser)
	silent.beforeScripts(writeAWord)
	silent.command(chromedp.Call(silent.ctx, network.SetBlockedURLs, network.SetBlockedURLsParams{
		URLPatterns: []*network.BlockPattern{{URLPattern: "*://*:*/static/*.js", Block: true}},
	}))
	var shown, word, bare, ratios []float64
	for b.Loop() {
		first, _, err := server.session(b.Context(), server.orders)
		if err != nil {
			b.Fatal(err)
		}
		silent.open(server.url + "/carteira")
		word = append(word, silent.painting())
		tab.open(server.url + "/carteira")
		tab.analysed()
		ms := tab.painting()
		shown, bare = append(shown, ms), append(bare, milliseconds(first))
		ratios = append(ratios, ms/milliseconds(first))
	}
	b.ReportMetric(median(shown), "ms-shown")
	b.ReportMetric(median(word), "ms-word")
	b.ReportMetric(median(bare), "ms-bare")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

// painting is how many milliseconds after the load event the first paint was that a page noted, 0 if before.
func (b *tab) painting() float64 {
	b.t.Helper()
	b.wait(`firstPaint > 0`)
	return evaluate[float64](b, `Math.max(firstPaint - performance.getEntriesByType('navigation')[0].loadEventStart, 0)`)
}

// BenchmarkPageLongTasks is the longest task of a page while results stream in, over all loads, and the
// longest of a blank page in the same browser meanwhile: wall time (0 if none took more than 50 ms), and
// time on the processor.
func BenchmarkPageLongTasks(b *testing.B) {
	for _, orders := range []int{100, 500, 2000} {
		b.Run("orders="+strconv.Itoa(orders), func(b *testing.B) { longTasks(b, orders) })
	}
}

func longTasks(b *testing.B, orders int) {
	b.Helper()
	data := benchData
	data.Orders = orders
	server := startBench(b, data)
	browser := startBrowser(b)
	control := newTab(b, browser)
	control.open(server.url + "/healthz")
	var wall, busy int
	for b.Loop() {
		tab := newTab(b, browser)
		task := tab.longest("ruptura:inicio", "ruptura:completo", func() {
			tab.open(server.url + "/carteira?limite=" + strconv.Itoa(orders))
			tab.analysed()
		})
		wall, busy = max(wall, task.Wall), max(busy, task.Busy)
	}
	b.ReportMetric(float64(wall), "ms-wall")
	b.ReportMetric(float64(busy), "ms-busy")
	b.ReportMetric(evaluate[float64](control, `longTasks.reduce((m, l) => Math.max(m, l.ms), 0)`), "ms-blank")
	b.ReportMetric(0, "ns/op")
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
