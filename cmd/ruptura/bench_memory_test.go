package main

import (
	"bufio"
	"os"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// peak is the most memory that the process has had while it was watched: what the system counts
// as its own, and what of it was the heap.
type peak struct {
	resident, heap []float64
}

// watch begins with a process that has given back what it does not need; the function it returns
// ends it.
func (p *peak) watch(b *testing.B) (stop func()) {
	b.Helper()
	debug.FreeOSMemory()
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Logf("no peak of memory on this system: %v", err)
		return func() {}
	}
	done := make(chan struct{})
	var heap float64
	var watching sync.WaitGroup
	watching.Go(func() {
		ticker := time.NewTicker(5 * time.Millisecond)
		defer ticker.Stop()
		for {
			heap = max(heap, heapNow())
			select {
			case <-ticker.C:
			case <-done:
				return
			}
		}
	})
	return func() {
		close(done)
		watching.Wait()
		p.heap, p.resident = append(p.heap, heap), append(p.resident, residentPeak(b))
	}
}

func heapNow() float64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return float64(sample[0].Value.Uint64())
}

// residentPeak is the system's own figure, since it was last set back.
func residentPeak(b *testing.B) float64 {
	b.Helper()
	status, err := os.Open("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = status.Close() }()
	for lines := bufio.NewScanner(status); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(rest, "kB")), 64)
			if err != nil {
				b.Fatal(err)
			}
			return kib * 1024
		}
	}
	b.Fatal("the system does not say")
	return 0
}

func (p *peak) report(b *testing.B) {
	b.Helper()
	if len(p.heap) == 0 {
		return
	}
	const mib = 1 << 20
	b.ReportMetric(median(p.resident)/mib, "peak-MiB")
	b.ReportMetric(median(p.heap)/mib, "peak-heap-MiB")
}
