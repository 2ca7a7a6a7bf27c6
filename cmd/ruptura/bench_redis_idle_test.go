package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ruptura/internal/redistest"
)

// BenchmarkRedisIdleWorker is what a worker process of two workers costs while there is nothing to do:
// its processor time, and what it asks of Redis. Redis counts the commands within scripts too.
func BenchmarkRedisIdleWorker(b *testing.B) {
	path := filepath.Join(b.TempDir(), "bench.db")
	fillBench(b, path, benchData)
	redis := startRedis(b)
	pid, stop := benchWorker{Database: path, Redis: redis.URL(), Workers: 2}.start(b)
	defer stop()
	var own, ofRedis, commands []float64
	for b.Loop() {
		used, redisUsed, asked := processTime(b, pid), redisTime(b, redis), redisInfo(b, redis, "total_commands_processed")
		<-time.After(idleFor)
		own = append(own, float64(processTime(b, pid)-used)/float64(idleFor)*100)
		ofRedis = append(ofRedis, (redisTime(b, redis)-redisUsed)/idleFor.Seconds()*100)
		commands = append(commands, (redisInfo(b, redis, "total_commands_processed")-asked)/idleFor.Seconds())
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(median(own), "worker-%")
	b.ReportMetric(median(ofRedis), "redis-%")
	b.ReportMetric(median(commands), "commands/s")
}

// processTime is what another process has used, to a hundredth of a second.
func processTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Skipf("no times of processes on this system: %v", err)
	}
	const user, system = 11, 12 // after the name, which may hold anything and ends with the last bracket
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	const tick = 10 * time.Millisecond
	var used time.Duration
	for _, field := range []string{fields[user], fields[system]} {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			b.Fatal(err)
		}
		used += time.Duration(ticks) * tick
	}
	return used
}

// redisTime is the processor time that Redis has used, in seconds.
func redisTime(b *testing.B, redis *redistest.Server) float64 {
	b.Helper()
	return redisInfo(b, redis, "used_cpu_sys") + redisInfo(b, redis, "used_cpu_user")
}

// redisInfo is a number that Redis tells about itself.
func redisInfo(b *testing.B, redis *redistest.Server, name string) (number float64) {
	b.Helper()
	_, value, _ := strings.Cut(fmt.Sprint(redis.Do(b, "INFO", "everything")), "\n"+name+":")
	if _, err := fmt.Sscan(value, &number); err != nil {
		b.Fatal(err)
	}
	return number
}
