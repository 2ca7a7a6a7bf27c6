// Package session is the core of background analysis: a request to analyse many orders, how it
// is cut into lots and jobs, what its event log says, and the contract for keeping both.
//
// It knows nothing of HTTP, of how events are delivered, or of who calculates.
package session

import (
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/lang"
	"ruptura/internal/wire"
)

// ID names a session. Whoever knows it may read the results, so it is made from at least 128
// random bits.
type ID string

// NewID makes an ID from the system's secure randomness.
func NewID() ID { return ID(rand.Text()) }

// ParseID reads an ID as NewID makes them; false for any other text.
func ParseID(text string) (ID, bool) {
	const length, letters = 26, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	return ID(text), len(text) == length && strings.Trim(text, letters) == ""
}

// Errors that callers tell apart.
var (
	// ErrUnknown says that there is no such session, or no longer.
	ErrUnknown = errors.New("session: unknown or expired")
	// ErrFull says that there is no room for another session's events now.
	ErrFull = errors.New("session: event log is full")
	// ErrTooLarge says that the session's events would not fit the log even alone, so that trying
	// again does not help. It is also an ErrFull, for those who do not tell the two apart.
	ErrTooLarge = fmt.Errorf("%w: larger than the whole log", ErrFull)
	// ErrBusy says that too much work is waiting already.
	ErrBusy = errors.New("session: too many jobs are waiting")
	// ErrKeyReused says that an idempotency key came with another request before.
	ErrKeyReused = errors.New("session: idempotency key used with another request")
	// ErrTaken says that another session has the ID that a new one was to have.
	ErrTaken = errors.New("session: ID is taken")
	// ErrBeyond says that a client asked for events after one that does not exist yet.
	ErrBeyond = errors.New("session: event number beyond the log")
	// ErrEmpty says that a session would have no orders.
	ErrEmpty = errors.New("session: no orders")
	// ErrUnprepared says that nothing has been prepared of a lot that is to be published so.
	ErrUnprepared = errors.New("session: lot has not been prepared")
	// ErrUnavailable says that what keeps sessions and jobs does not answer. Nothing is known to be
	// lost; whether what was asked for has happened is not known either.
	ErrUnavailable = errors.New("session: store or queue does not answer")
)

// Spec is what a session was asked to do. It is fixed when the session begins and travels with
// the work, so that every worker answers by the same rules.
type Spec struct {
	Orders []atp.OrderNumber
	Params atp.Params
	// Mode says whether each order is looked at alone or all compete; only then do Policy and Priority
	// count.
	Mode     atp.Mode
	Policy   atp.Policy
	Priority atp.Priority
	// Detail is how much results tell.
	Detail wire.Detail
	// LotSize is the number of orders in a lot, at least 1.
	LotSize int
	// ReadSize bounds how many orders share one read, and so the memory of a session; 0 stands for
	// DefaultReadSize. Only a lot that is larger by itself goes beyond it. Where all orders compete
	// there is one read for the session, whatever this says: they share one allocation.
	ReadSize int
	// Workers is how many jobs of the session may be queued or running at once, at least 1.
	Workers int
	Lang    lang.Lang
}

// Session is a request to analyse many orders.
type Session struct {
	ID      ID
	Created time.Time
	Spec
	// Given is how many of its first jobs [Store.Create] gives out, at most all. It means nothing later.
	Given int
}

// Lots is the number of lots.
func (s *Spec) Lots() int { return ceilDiv(len(s.Orders), s.LotSize) }

// Lot is the orders of lot i, counted from 0.
func (s *Spec) Lot(i int) []atp.OrderNumber { return s.lots(i, i+1) }

// lots is the orders of a half-open range of lots.
func (s *Spec) lots(first, end int) []atp.OrderNumber {
	from, to := first*s.LotSize, min(end*s.LotSize, len(s.Orders))
	return s.Orders[from:to:to]
}

// Limits of how work is cut.
const (
	// MaxJobLots bounds a job, and so how long a newcomer waits for a worker.
	MaxJobLots = 5
	// DefaultReadSize suits a source whose reads cost by the order: the first results do not wait
	// for the last orders' rows, and a session holds no more of them than these.
	DefaultReadSize = 5000
)

// readSize is ReadSize with its default.
func (s *Spec) readSize() int {
	switch {
	case s.Mode == atp.Together:
		return math.MaxInt32
	case s.ReadSize <= 0:
		return DefaultReadSize
	}
	return s.ReadSize
}

// PolicyName is the policy's wire name, empty where none counts.
func (s *Spec) PolicyName() string {
	if s.Mode == atp.Alone {
		return ""
	}
	return s.Policy.String()
}

// maxJobLots is how many lots a job may have.
func (s *Spec) maxJobLots() int { return min(max(s.readSize()/s.LotSize, 1), MaxJobLots) }

// Jobs is the number of jobs: as few as the limits allow, but a multiple of the workers while
// there are lots for it, so that all begin at once and end at about the same time.
func (s *Spec) Jobs() int {
	fewest := ceilDiv(s.Lots(), s.maxJobLots())
	return min(ceilDiv(fewest, s.Workers)*s.Workers, s.Lots())
}

// JobLots is the half-open range of lots of job i, counted from 0. Jobs differ by one lot at most.
func (s *Spec) JobLots(i int) (first, end int) {
	return i * s.Lots() / s.Jobs(), (i + 1) * s.Lots() / s.Jobs()
}

// Span is a half-open range of a session's orders, by their place in its sequence.
type Span struct{ First, End int }

// Len is the number of orders.
func (p Span) Len() int { return p.End - p.First }

// Halves cuts a span of at least two orders in two, between two lots while it holds more than one,
// else within the lot. So whatever is cut and cut again stays nested: two spans are apart, or one
// holds the other.
func (s *Spec) Halves(p Span) (Span, Span) {
	middle := p.First + p.Len()/2
	if first, last := p.First/s.LotSize, (p.End-1)/s.LotSize; first != last {
		middle = (first + (last-first+1)/2) * s.LotSize
	}
	return Span{p.First, middle}, Span{middle, p.End}
}

// Span is the orders of a job: all of the job that its number stands for, or the part of it that it
// names.
func (s *Spec) Span(j Job) Span {
	if j.Part != (Span{}) {
		return j.Part
	}
	first, end := s.JobLots(j.Number)
	return Span{first * s.LotSize, min(end*s.LotSize, len(s.Orders))}
}

// readJobs is how many jobs share a read.
func (s *Spec) readJobs() int {
	return max(s.readSize()/(s.LotSize*ceilDiv(s.Lots(), s.Jobs())), 1)
}

// ReadOf is the number of the read that serves job i, counted from 0.
func (s *Spec) ReadOf(i int) int { return i / s.readJobs() }

// ReadJobs is how many jobs read i serves.
func (s *Spec) ReadJobs(i int) int { return min(s.readJobs(), s.Jobs()-i*s.readJobs()) }

// ReadOrders is the orders that read i fetches.
func (s *Spec) ReadOrders(i int) []atp.OrderNumber {
	job := i * s.readJobs()
	first, _ := s.JobLots(job)
	_, end := s.JobLots(job + s.ReadJobs(i) - 1)
	return s.lots(first, end)
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// Distinct keeps the first of each order number, in the sequence given.
func Distinct(orders []atp.OrderNumber) []atp.OrderNumber {
	seen := make(map[atp.OrderNumber]struct{}, len(orders))
	return slices.DeleteFunc(slices.Clone(orders), func(n atp.OrderNumber) bool {
		if _, ok := seen[n]; ok {
			return true
		}
		seen[n] = struct{}{}
		return false
	})
}

// First moves the orders named to the front, in the sequence in which they are named; those that
// are not among the orders are left out.
func First(orders, front []atp.OrderNumber) []atp.OrderNumber {
	among := make(map[atp.OrderNumber]struct{}, len(orders))
	for _, n := range orders {
		among[n] = struct{}{}
	}
	sorted := slices.DeleteFunc(slices.Clone(front), func(n atp.OrderNumber) bool {
		_, ok := among[n]
		return !ok
	})
	return Distinct(append(sorted, orders...))
}
