// Package analysis brings the source and the calculation together: one fresh read, made into a
// book of answers. It is what background workers, a single request and the terminal share.
package analysis

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/source"
	"ruptura/internal/wire"
)

// ErrPanicked says that the calculation of one order failed in a way nobody foresaw. It stays
// that order's error.
var ErrPanicked = errors.New("analysis: internal error")

// ErrGaveUp says that the source stayed away for as long as it was waited for. What wraps it wraps
// source.ErrUnavailable too.
var ErrGaveUp = errors.New("analysis: source away for too long")

// ErrDeadly says that whoever analysed an order died of it, so often that nobody tries any more.
var ErrDeadly = errors.New("analysis: the process died of this order")

// Book is a read of the source, ready to answer by a plan.
type Book struct {
	*atp.Book
	plan Plan
	// together is the book served by priority, nil when each order is looked at alone.
	together *atp.Allocation
	// Query is how long reading took.
	Query time.Duration
}

// Read reads the source afresh and makes a book of what it gave, ready to answer for the orders given.
// Where all orders compete it reads the whole book, and serves it once for all of them. A panic on the
// way becomes ErrPanicked, so that it fails one read and not the process.
func Read(ctx context.Context, from source.Source, orders []atp.OrderNumber, p Plan) (b *Book, err error) {
	defer Recover(&err, "read")
	start := time.Now()
	snapshot, err := from.Read(ctx, p.query(orders))
	if err != nil {
		return nil, err
	}
	took := time.Since(start)
	book, err := atp.NewBook(snapshot, p.Params)
	if err != nil {
		return nil, err
	}
	var together *atp.Allocation
	if p.Mode == atp.Together {
		if together, err = book.Allocate(p.Policy, p.Priority); err != nil {
			return nil, err
		}
	}
	return &Book{Book: book, plan: p, together: together, Query: took}, nil
}

// Answer analyses one order. Whatever goes wrong is an error about this order alone; a panic
// becomes ErrPanicked, which carries the stack for the log.
func (b *Book) Answer(n atp.OrderNumber) (wire.Answer, error) {
	return b.AnswerWith(new(Scratch), n)
}

// AnswerWith is [Book.Answer] in memory that is used again: the result's lines are good until the
// next call with the same scratch.
func (b *Book) AnswerWith(s *Scratch, n atp.OrderNumber) (a wire.Answer, err error) {
	defer Recover(&err, string(n))
	if b.together != nil {
		return b.answerTogether(s, n)
	}
	a.Today = b.plan.Params.Today
	if a.Result, err = b.AnalyzeWith(&s.alone, n); err == nil && b.plan.Detail.Explained() {
		a.Explanations, err = b.Explain(&a.Result)
	}
	return a, err
}

// answerTogether answers for an order among all others, and compares that with its answer alone.
func (b *Book) answerTogether(s *Scratch, n atp.OrderNumber) (a wire.Answer, err error) {
	a.Today = b.plan.Params.Today
	if a.Result, err = b.together.AnswerWith(&s.together, n); err != nil {
		return a, err
	}
	c := &wire.Contest{Policy: b.plan.Policy}
	if c.Rank, c.Of, err = b.together.Rank(n); err != nil {
		return a, err
	}
	if c.Alone, err = b.AnalyzeWith(&s.alone, n); err != nil {
		return a, err
	}
	c.Cause, c.Worse = b.together.Cause(&a.Result, &c.Alone)
	a.Contest = c
	if b.plan.Detail.Explained() {
		a.Explanations, err = b.together.Explain(&a.Result)
	}
	return a, err
}

// Recover turns a panic into ErrPanicked with what was being done and the stack. It must be
// deferred itself.
func Recover(err *error, doing string) { //nolint:gocritic // the pointer is how a deferred call returns
	if p := recover(); p != nil {
		*err = fmt.Errorf("%w: %q: %v\n%s", ErrPanicked, doing, p, debug.Stack())
	}
}

// Reading tells how fresh an answer is that took the given time to calculate.
func (b *Book) Reading(calculation time.Duration) wire.Reading {
	return wire.Reading{At: b.ReadAt(), Query: b.Query, Total: b.Query + calculation}
}

var (
	notFound = lang.Text{PT: "pedido não encontrado ou sem saldo", EN: "order not found or without open lines"}
	tooLarge = lang.Text{
		PT: "quantidades ou valores grandes demais para calcular; confira o cadastro do pedido e o estoque dos produtos",
		EN: "quantities or values too large to calculate; check the order and the stock of its products",
	}
	unavailable = lang.Text{
		PT: "não foi possível ler os dados agora; tente de novo em instantes",
		EN: "the data could not be read now; try again in a moment",
	}
	gaveUp = lang.Text{
		PT: "o banco de dados ficou fora do ar por mais tempo do que a análise espera; confira o banco e analise de novo",
		EN: "the database was away for longer than the analysis waits; check the database and analyse again",
	}
	unusable = lang.Text{
		PT: "o banco de dados não está como o programa precisa; o registro do servidor diz o que falta, e 'ruptura doctor' como corrigir",
		EN: "the database is not as the program needs it; the server's log says what is wrong, and 'ruptura doctor' how to mend it",
	}
	deadly = lang.Text{
		PT: "o processo que analisava este pedido caiu todas as vezes; ele foi posto de lado, e 'ruptura queue list' mostra onde. Avise quem cuida do servidor",
		EN: "the process that analysed this order died every time; it was put aside, and 'ruptura queue list' shows where. Tell who looks after the server",
	}
	internal = lang.Text{
		PT: "erro interno ao analisar este pedido; os outros não foram afetados",
		EN: "internal error while analysing this order; the others are not affected",
	}
)

// Explain says what an error means for an order, without any detail of the inside.
func Explain(err error) lang.Text {
	switch {
	case errors.Is(err, atp.ErrOrderNotFound):
		return notFound
	case errors.Is(err, atp.ErrOverflow):
		return tooLarge
	case errors.Is(err, source.ErrUnusable):
		return unusable
	case errors.Is(err, ErrGaveUp):
		return gaveUp
	case errors.Is(err, ErrDeadly):
		return deadly
	case errors.Is(err, source.ErrUnavailable), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return unavailable
	}
	return internal
}
