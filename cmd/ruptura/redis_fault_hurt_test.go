package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"ruptura/internal/atp"
	"ruptura/internal/session"
	"ruptura/internal/settings"
	"ruptura/internal/source"
)

// What tells a process of the tests that it is to be a worker of which something is wrong.
const (
	hurtEnv = "RUPTURA_TEST_HURT"
	// deadlyEnv and panickyEnv are the orders of hurtPoison.
	deadlyEnv  = "RUPTURA_TEST_DEADLY"
	panickyEnv = "RUPTURA_TEST_PANICKY"
)

// What may be wrong with a worker.
const (
	// hurtTenth fails every tenth read.
	hurtTenth = "tenth"
	// hurtPoison dies of one order and panics over another.
	hurtPoison = "poison"
	// hurtLate says saysHolds and the session instead of its first publication, and publishes when it
	// is told to.
	hurtLate = "late"
)

// What a worker that is hurt says.
const (
	saysWorking = "working"
	saysHolds   = "holds a publication"
	saysWritten = "late publication written"
	saysRefused = "late publication refused"
)

// TestHurtWorker is a worker process of the other tests.
func TestHurtWorker(t *testing.T) {
	hurt := os.Getenv(hurtEnv)
	if hurt == "" {
		t.Skip("only as a worker process of another test")
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	s, err := settings.Load(settings.Sources{Getenv: os.Getenv}, settings.Groups()...)
	if err != nil {
		t.Fatal(err)
	}
	from, err := openSource(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	switch hurt {
	case hurtTenth:
		from = &tenthFails{Source: from}
	case hurtPoison:
		from = &panicky{from, atp.OrderNumber(os.Getenv(panickyEnv))}
	}
	c, err := newCrew(s, from, slog.New(slog.NewTextHandler(os.Stdout, nil)))
	if err != nil {
		t.Fatal(err)
	}
	switch store := c.service.Store; hurt {
	case hurtPoison:
		c.service.Store = &deadly{store, []byte(`"num_pedido":"` + os.Getenv(deadlyEnv) + `"`)}
	case hurtLate:
		c.service.Store = &late{Store: store}
	}
	fmt.Println(saysWorking)
	c.start()
	<-ctx.Done()
	if err := c.close(); err != nil {
		t.Error(err)
	}
}

// tenthFails is a source that loses its connection at every tenth read.
type tenthFails struct {
	source.Source
	reads atomic.Int64
}

// Read implements source.Source.
func (s *tenthFails) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	if s.reads.Add(1)%10 == 0 {
		return nil, fmt.Errorf("%w: by the test", source.ErrUnavailable)
	}
	return s.Source.Read(ctx, q)
}

// panicky is a source that gives one order's lines names that cannot be read.
type panicky struct {
	source.Source
	order atp.OrderNumber
}

// Read implements source.Source.
func (s *panicky) Read(ctx context.Context, q source.Query) (*atp.Snapshot, error) {
	snapshot, err := s.Source.Read(ctx, q)
	if err != nil {
		return nil, err
	}
	for i := range snapshot.Lines {
		if l := &snapshot.Lines[i]; l.Order == s.order {
			// Nothing else makes the calculation panic: a text of eight bytes that are nowhere.
			*(*struct{ at, length uintptr })(unsafe.Pointer(&l.Name)) = struct{ at, length uintptr }{0, 8}
		}
	}
	return snapshot, nil
}

// deadly kills the process that has analysed an order, before anybody knows.
type deadly struct {
	session.Store
	order []byte
}

// Publish implements session.Store.
func (s *deadly) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	if putAside := lot.Orders == lot.Failed; !putAside && bytes.Contains(lot.Body, s.order) {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return s.Store.Publish(ctx, id, lot)
}

// Prepare implements session.Preparer.
func (s *deadly) Prepare(ctx context.Context, id session.ID, lots iter.Seq2[session.LotResult, error]) error {
	return s.shared().Prepare(ctx, id, func(yield func(session.LotResult, error) bool) {
		for lot, err := range lots {
			if bytes.Contains(lot.Body, s.order) {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
			if !yield(lot, err) {
				return
			}
		}
	})
}

// Prepared implements session.Preparer.
func (s *deadly) Prepared(ctx context.Context, id session.ID) (failed map[int]int, ok bool, err error) {
	return s.shared().Prepared(ctx, id)
}

func (s *deadly) shared() session.Preparer {
	return s.Store.(session.Preparer) //nolint:errcheck // it is Redis
}

// late holds the first publication back until a line is read from the standard input.
type late struct {
	session.Store

	mu   sync.Mutex
	held session.ID
	lot  session.LotResult
}

// Publish implements session.Store.
func (s *late) Publish(ctx context.Context, id session.ID, lot session.LotResult) (session.Published, error) {
	if !s.isHeld(id, lot) {
		return s.Store.Publish(ctx, id, lot)
	}
	p, err := s.Store.Publish(ctx, id, lot)
	switch {
	case p.Written:
		fmt.Println(saysWritten)
	case err == nil, errors.Is(err, session.ErrUnknown):
		fmt.Println(saysRefused)
	}
	return p, err
}

// isHeld reports whether a publication is the one held back, after holding it back the first time.
func (s *late) isHeld(id session.ID, lot session.LotResult) bool {
	s.mu.Lock()
	first := s.held == ""
	if first {
		s.held, s.lot = id, lot
	}
	is := s.held == id && s.lot.Lot == lot.Lot && s.lot.Skip == lot.Skip
	s.mu.Unlock()
	if first {
		fmt.Println(saysHolds, id)
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	}
	return is
}

// hurtWorker is the command of a worker process of which something is wrong.
func (f *fleet) hurtWorker(hurt, redis string, env ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run=^TestHurtWorker$")
	cmd.Env = append(os.Environ(), hurtEnv+"="+hurt, "TMPDIR="+f.t.TempDir())
	args := f.common(redis)
	for i := 0; i < len(args); i += 2 {
		name := strings.ToUpper(strings.ReplaceAll(strings.TrimPrefix(args[i], "--"), "-", "_"))
		cmd.Env = append(cmd.Env, "RUPTURA_"+name+"="+args[i+1])
	}
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// nurse has a worker that is started again each time it dies, until the test ends. It counts the
// deaths.
func (f *fleet) nurse(deaths *atomic.Int64, command func() *exec.Cmd) {
	f.nurses.Go(func() {
		for {
			m, err := f.launch(command(), saysWorking)
			if err != nil {
				if f.ctx.Err() == nil {
					f.t.Error(err)
				}
				return
			}
			select {
			case <-m.ended:
				m.mu.Lock()
				m.killed = true
				m.mu.Unlock()
				deaths.Add(1)
			case <-f.ctx.Done():
				return
			}
		}
	})
}
