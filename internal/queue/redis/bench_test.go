package redis_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ruptura/internal/queue"
	"ruptura/internal/redistest"
)

// BenchmarkPickUp is the time from before a job is queued until a worker of another process that
// has been waiting has it.
func BenchmarkPickUp(b *testing.B) {
	redisServer := redistest.Start(b, redistest.Options{})
	r := rig{redisServer.URL(), "teste"}
	worker, server := r.process(b, 10*time.Second), r.process(b, 10*time.Second)
	got := make(chan queue.Delivery)
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	go func() {
		defer close(got)
		for {
			d, err := worker.Take(ctx)
			if err != nil {
				return
			}
			got <- d
		}
	}()
	var waits []time.Duration
	for b.Loop() {
		b.StopTimer()
		until(b, "a worker that waits", func() bool { return redisInfo(b, redisServer, "blocked_clients") == 1 })
		b.StartTimer()
		start := time.Now()
		enqueue(b, server, 1)
		d := <-got
		waits = append(waits, time.Since(start))
		ok(b, d.Done(ctx))
	}
	slices.Sort(waits)
	b.ReportMetric(float64(waits[len(waits)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds()), "p99-µs")
}

// BenchmarkJobs is how many jobs without work two workers do.
func BenchmarkJobs(b *testing.B) {
	r := shared(b)
	q := r.process(b, 10*time.Second)
	for n := range b.N {
		enqueue(b, q, n)
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	left := make(chan struct{}, b.N)
	var group sync.WaitGroup
	b.ResetTimer()
	for range 2 {
		group.Go(func() {
			for {
				d, err := q.Take(ctx)
				if err != nil {
					return
				}
				if err := d.Done(ctx); err != nil {
					b.Error(err)
				}
				left <- struct{}{}
			}
		})
	}
	for range b.N {
		<-left
	}
	b.StopTimer()
	stop()
	group.Wait()
}

// BenchmarkIdle is what two workers without work cost: their process's and Redis's processor time,
// and the commands. It takes as long as it looks.
func BenchmarkIdle(b *testing.B) {
	const length = 5 * time.Second
	s := redistest.Start(b, redistest.Options{})
	q := rig{s.URL(), "teste"}.process(b, 10*time.Second)
	ctx, stop := context.WithCancel(b.Context())
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() {
			if _, err := q.Take(ctx); ctx.Err() == nil {
				b.Error(err)
			}
		})
	}
	until(b, "two workers", func() bool { n, err := q.Workers(ctx); return err == nil && n == 2 })
	for b.Loop() {
		commands, redisTime, ownTime := redisInfo(b, s, "total_commands_processed"), redisCPU(b, s), ownCPU(b)
		<-time.After(length)
		seconds := length.Seconds()
		b.ReportMetric((redisInfo(b, s, "total_commands_processed")-commands)/seconds, "commands/s")
		b.ReportMetric((redisCPU(b, s)-redisTime)/seconds*100, "redis-cpu-%")
		b.ReportMetric((ownCPU(b)-ownTime)/seconds*100, "own-cpu-%")
	}
	b.StopTimer()
	stop()
	group.Wait()
	start := time.Now()
	closeQueue(b, q)
	b.ReportMetric(float64(time.Since(start).Milliseconds()), "close-ms")
}

func redisCPU(b *testing.B, s *redistest.Server) float64 {
	b.Helper()
	return redisInfo(b, s, "used_cpu_sys") + redisInfo(b, s, "used_cpu_user")
}

func redisInfo(b *testing.B, s *redistest.Server, name string) float64 {
	b.Helper()
	_, value, _ := strings.Cut(fmt.Sprint(s.Do(b, "INFO", "everything")), "\n"+name+":")
	var number float64
	if _, err := fmt.Sscan(value, &number); err != nil {
		b.Fatal(err)
	}
	return number
}

// ownCPU is this process's processor time in seconds.
func ownCPU(b *testing.B) float64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()).Seconds()
}
