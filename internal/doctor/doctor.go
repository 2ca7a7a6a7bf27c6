// Package doctor says what is wrong with an installation and how to mend it. A check looks at one
// thing and gives findings; the checks of the machine, of a running server and of the data stand
// here, those of an engine beside the engine.
package doctor

import (
	"context"
	"errors"
	"time"

	"ruptura/internal/lang"
)

// Level is how much a finding matters.
type Level uint8

// The levels, from good to bad.
const (
	OK Level = iota
	// Warning is what works but deserves a look.
	Warning
	// Problem is what gives wrong results, or none.
	Problem
)

// Finding is one thing that a check saw.
type Finding struct {
	// Code is stable, for programs: "data.duplicate-order".
	Code  string
	Level Level
	// What is the finding in words, without line breaks.
	What lang.Text
	// Mend says what to do; empty when there is nothing to do.
	Mend lang.Text
	// Count is how many rows it concerns, 0 where rows are not the point; Examples are some of
	// them. Both are shown after What.
	Count    int64
	Examples []string
	// Evidence are lines to be shown as they are: a plan, or statements to run.
	Evidence []string
}

// Check looks at one thing.
type Check struct {
	// Name is stable, for programs: "relations".
	Name  string
	Title lang.Text
	// After names a check that must have found no problem; else this one is skipped.
	After string
	// Timeout bounds the check as a whole.
	Timeout time.Duration
	// Run gives the findings so far also when it fails. An error is a problem of its own; one with
	// a method In(lang.Lang) string is told in those words.
	Run func(context.Context) ([]Finding, error)
}

// ErrSkipped is what a check returns that has nothing to look at because of another's problem.
var ErrSkipped = errors.New("doctor: not checked, because of another problem")

// Section is what one check found.
type Section struct {
	Name     string
	Title    lang.Text
	Findings []Finding
	// Skipped says that the check was not made, because of another's problem.
	Skipped bool
}

// Worst is the section's gravest level.
func (s Section) Worst() Level {
	worst := OK
	for _, f := range s.Findings {
		worst = max(worst, f.Level)
	}
	return worst
}

// Run makes the checks one after the other; one that fails or takes too long does not keep the
// next from being made. It ends early only with the context, with what was found until then.
func Run(ctx context.Context, checks []Check) ([]Section, error) {
	var all []Section
	failed := map[string]bool{}
	for _, c := range checks {
		if err := ctx.Err(); err != nil {
			return all, err
		}
		s := Section{Name: c.Name, Title: c.Title}
		if failed[c.After] {
			s.Skipped, failed[c.Name] = true, true
		} else {
			s.Findings, s.Skipped = c.findings(ctx)
			failed[c.Name] = s.Skipped || s.Worst() == Problem
		}
		all = append(all, s)
	}
	return all, ctx.Err()
}

func (c Check) findings(ctx context.Context) (found []Finding, skipped bool) {
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	found, err := c.Run(ctx)
	switch {
	case errors.Is(err, ErrSkipped):
		return nil, true
	case err != nil:
		found = append(found, Finding{Code: c.Name + ".failed", Level: Problem, What: Words(err)})
	}
	return found, false
}

// Words is an error as a user reads it.
func Words(err error) lang.Text {
	type localised interface {
		error
		In(l lang.Lang) string
	}
	if told, ok := errors.AsType[localised](err); ok {
		return lang.Text{PT: told.In(lang.PT), EN: told.In(lang.EN)}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return lang.Text{PT: "não terminou no tempo dado", EN: "did not end in the time given"}
	}
	return lang.Text{PT: err.Error(), EN: err.Error()}
}
