package redis_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ruptura/internal/queue"
)

// crew is workers in several processes that count how often each job was done.
type crew struct {
	mu   sync.Mutex
	hand map[int]bool
	done map[int]int
	all  int
	stop context.CancelFunc
}

func (c *crew) begin(t *testing.T, n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.hand[n] {
		t.Errorf("job %d is in two hands", n)
	}
	c.hand[n] = true
}

func (c *crew) end(n int, done bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hand[n] = false
	if done {
		if c.done[n]++; len(c.done) == c.all {
			c.stop()
		}
	}
}

// work takes jobs until all are done, and gives every third one back.
func (c *crew) work(ctx context.Context, t *testing.T, q queue.Queue) {
	for {
		d, err := q.Take(ctx)
		if err != nil {
			if ctx.Err() == nil {
				t.Error(err)
			}
			return
		}
		n := d.Job().Number
		c.begin(t, n)
		back := rand.N(3) == 0
		c.end(n, !back) // before it can be in other hands
		if back {
			err = d.Return(context.WithoutCancel(ctx))
		} else {
			err = d.Done(context.WithoutCancel(ctx))
		}
		if err != nil {
			t.Error(err)
		}
	}
}

func TestEachJobOnceAmongManyProcesses(t *testing.T) {
	const jobs, processes, workers = 2000, 4, 6
	r := shared(t)
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	c := &crew{hand: map[int]bool{}, done: map[int]int{}, all: jobs, stop: stop}
	var group sync.WaitGroup
	for range processes {
		q := r.process(t, long)
		for range workers {
			group.Go(func() { c.work(ctx, t, q) })
		}
	}
	q := r.process(t, long)
	for n := range jobs {
		enqueue(t, q, n)
	}
	group.Wait()
	for n := range jobs {
		if c.done[n] != 1 {
			t.Errorf("job %d was done %d times", n, c.done[n])
		}
	}
	wantLen(t, q, 0)
	stats, err := q.Stats(t.Context())
	if err != nil || stats.InHand != 0 || len(stats.Consumers) > processes*workers {
		t.Errorf("stats %+v, %v", stats, err)
	}
}

// Workers leave at the very moment at which a job comes. It is then with one of them, or waits.
func TestNoJobIsLostToAWorkerThatLeaves(t *testing.T) {
	r := shared(t)
	q, sender := r.process(t, long), r.process(t, long)
	for n := range 40 {
		ctx, leave := context.WithCancel(t.Context())
		got := make(chan queue.Delivery, 1)
		go func() {
			d, err := q.Take(ctx)
			if err != nil {
				close(got)
				return
			}
			got <- d
		}()
		both := sync.WaitGroup{}
		both.Go(func() {
			if n%3 > 0 { // let it wait in Redis, by some chance
				if _, err := sender.Len(ctx); err != nil {
					t.Error(err)
				}
			}
			leave()
		})
		both.Go(func() { enqueue(t, sender, n) })
		both.Wait()
		d, taken := <-got
		if !taken {
			d = take(t, q)
		}
		want(t, d, n, 1)
		ok(t, d.Done(t.Context()))
		leave()
	}
	wantLen(t, q, 0)
}

func TestCloseHandsBackAndSaysGoodbye(t *testing.T) {
	r := shared(t)
	leaving, staying := r.process(t, long), r.process(t, long)
	enqueue(t, leaving, 0, 1)
	settled, inHand := take(t, leaving), take(t, leaving)
	ok(t, settled.Done(t.Context()))
	waiter := make(chan error)
	go func() {
		_, err := leaving.Take(t.Context())
		waiter <- err
	}()
	until(t, "two workers", func() bool { n, err := staying.Workers(t.Context()); return err == nil && n == 2 })

	closeQueue(t, leaving)
	if err := <-waiter; !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Take = %v, want ErrClosed", err)
	}
	<-inHand.Lost()
	if err := inHand.Done(t.Context()); !errors.Is(err, queue.ErrLost) {
		t.Errorf("Done = %v, want ErrLost", err)
	}
	if _, err := leaving.Take(t.Context()); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Take after Close = %v, want ErrClosed", err)
	}
	if err := leaving.Enqueue(t.Context(), job(2)); !errors.Is(err, queue.ErrClosed) {
		t.Errorf("Enqueue after Close = %v, want ErrClosed", err)
	}
	if n, err := staying.Workers(t.Context()); err != nil || n != 0 {
		t.Errorf("%d workers are left, %v", n, err)
	}
	wantLen(t, staying, 1)
	d := take(t, staying)
	want(t, d, 1, 1)
	ok(t, d.Done(t.Context()))
}

// Process after process dies with jobs in its hands. Every job ends, and no end is told twice.
func TestProcessAfterProcessDies(t *testing.T) {
	const jobs, deaths, workers = 120, 5, 3
	r := shared(t)
	survivor := r.process(t, short)
	enqueue(t, survivor, numbers(0, jobs)...)
	var (
		mu     sync.Mutex
		ended  [jobs]int
		doubts [jobs]bool
	)
	end := func(d queue.Delivery) {
		err := d.Done(t.Context())
		mu.Lock()
		defer mu.Unlock()
		switch n := d.Job().Number; {
		case err == nil:
			ended[n]++
		case !errors.Is(err, queue.ErrLost): // it died over this
			doubts[n] = true
		}
	}
	for range deaths {
		q, kill := r.mortal(t, short)
		var taken atomic.Int32
		var group sync.WaitGroup
		for range workers {
			group.Go(func() {
				for {
					d, err := q.Take(t.Context())
					if err != nil {
						return
					}
					if taken.Add(1) == jobs/deaths/2 {
						kill()
					}
					end(d)
				}
			})
		}
		group.Wait()
	}
	for {
		stats, err := survivor.Stats(t.Context())
		ok(t, err)
		if stats.Waiting+stats.InHand == 0 {
			break
		}
		end(take(t, survivor))
	}
	for n, times := range ended {
		if times > 1 || times == 0 && !doubts[n] {
			t.Errorf("job %d ended %d times", n, times)
		}
	}
}
