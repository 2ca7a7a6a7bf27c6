package cli

import (
	"context"
	"slices"
	"time"

	"github.com/schollz/progressbar/v3"

	"ruptura/internal/analysis"
	"ruptura/internal/atp"
	"ruptura/internal/source"
)

// readSize is how many orders one read of the source serves, as in the server.
const readSize = 5000

// analysisRun is one run over any number of orders.
type analysisRun struct {
	*app
	src      source.Source
	plan     analysis.Plan
	out      output
	totals   *totals
	failures []failedOrder
}

type failedOrder struct {
	number atp.OrderNumber
	why    string
}

// orders analyses in reads of a bounded size.
func (run *analysisRun) orders(ctx context.Context, numbers []atp.OrderNumber) error {
	bar := run.progress(int64(len(numbers)), run.text("analisando", "analysing"), progressbar.OptionShowCount())
	defer bar.done()
	size := readSize
	if run.plan.Mode == atp.Together { // one read and one allocation for all
		size = max(len(numbers), 1)
	}
	for some := range slices.Chunk(numbers, size) {
		book, err := analysis.Read(ctx, run.src, some, run.plan)
		if err != nil {
			return err
		}
		clients, err := run.clients(ctx, some)
		if err != nil {
			return err
		}
		for _, n := range some {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := run.order(book, n, clients[n]); err != nil {
				return err
			}
			bar.step(1)
		}
	}
	return nil
}

// clients reads who ordered.
func (run *analysisRun) clients(ctx context.Context, numbers []atp.OrderNumber) (map[atp.OrderNumber]string, error) {
	page, err := run.src.Book(ctx, source.BookQuery{Numbers: numbers, StaleBefore: run.plan.Params.StaleBefore()})
	if err != nil {
		return nil, err
	}
	clients := make(map[atp.OrderNumber]string, len(page.Orders))
	for i := range page.Orders {
		clients[page.Orders[i].Number] = page.Orders[i].Client
	}
	return clients, nil
}

func (run *analysisRun) order(book *analysis.Book, n atp.OrderNumber, client string) error {
	start := time.Now()
	r, err := book.Answer(n)
	if err == nil {
		err = run.totals.add(&r)
	}
	if err != nil {
		why := analysis.Explain(err).In(run.lang)
		run.totals.failed++
		run.failures = append(run.failures, failedOrder{n, why})
		return run.out.failure(n, why)
	}
	return run.out.result(&r, client, book, time.Since(start))
}
