package redis

import (
	"context"
	"fmt"
	"time"

	"ruptura/internal/doctor"
	"ruptura/internal/lang"
)

// Commands are what the queue runs, each as it is written in redis-cli, for who checks a user's rights.
func (q *Queue) Commands() []string {
	return []string{
		"eval x 1 " + q.jobs, "evalsha x 1 " + q.jobs, "time",
		"xadd " + q.jobs + " * s x", "xlen " + q.jobs, "xrange " + q.jobs + " - +", "xack " + q.jobs + " g 0-1", "xdel " + q.jobs + " 0-1",
		"xpending " + q.jobs + " g", "xclaim " + q.jobs + " g c 0 0-1", "xreadgroup group g c streams " + q.jobs + " >",
		"xgroup create " + q.jobs + " g 0", "xgroup delconsumer " + q.jobs + " g c", "xinfo consumers " + q.jobs + " g",
		"xadd " + q.dead + " * s x", "xrevrange " + q.dead + " + -", "xrange " + q.dead + " - +", "xlen " + q.dead, "xdel " + q.dead + " 0-1",
	}
}

// Inspect looks at the queue and at who works on it, and changes nothing.
func (q *Queue) Inspect(ctx context.Context) ([]doctor.Finding, error) {
	s, err := q.Stats(ctx)
	if err != nil {
		return nil, err
	}
	found := append([]doctor.Finding{s.length()}, s.workers()...)
	if s.Dead == 0 {
		return append(found, doctor.Finding{Code: "queue.dead", What: lang.Text{
			PT: "nenhum trabalho posto de lado", EN: "no job was put aside",
		}}), nil
	}
	jobs, err := q.Dead(ctx, doctor.MaxExamples)
	return append(found, buried(s.Dead, jobs)), err
}

// length is how much there is to do, and since when.
func (s Stats) length() doctor.Finding {
	f := doctor.Finding{Code: "queue.length", What: lang.Text{
		PT: fmt.Sprintf("trabalhos na fila: %d esperando, %d em curso", s.Waiting, s.InHand),
		EN: fmt.Sprintf("jobs in the queue: %d waiting, %d under way", s.Waiting, s.InHand),
	}}
	if s.Waiting+s.InHand > 0 {
		age := s.Oldest.Round(time.Second).String()
		f.What.PT += "; o mais antigo entrou há " + age
		f.What.EN += "; the oldest came in " + age + " ago"
	}
	return f
}

// workers tells who is there, what each has in hand, and when there is nobody.
func (s Stats) workers() []doctor.Finding {
	alive := 0
	var each []string
	for _, c := range s.Consumers {
		if c.Alive {
			alive++
		}
		if c.Alive || c.InHand > 0 {
			each = append(each, fmt.Sprintf("%s: %d (%s)", c.Name, c.InHand, c.Silent.Round(time.Millisecond)))
		}
	}
	f := doctor.Finding{Code: "queue.workers", Evidence: each, What: lang.Text{
		PT: fmt.Sprintf("trabalhadores vivos: %d; de cada um, o que tem em mãos e há quanto deu notícia", alive),
		EN: fmt.Sprintf("workers alive: %d; of each, what it has in hand and when it was last heard of", alive),
	}}
	if alive > 0 {
		return []doctor.Finding{f}
	}
	f.Level = doctor.Warning
	f.What = lang.Text{PT: "nenhum trabalhador vivo", EN: "no worker is alive"}
	f.Mend = lang.Text{
		PT: "inicie 'ruptura worker', ou um 'ruptura serve' com --workers maior que 0, com o mesmo --redis e o mesmo --redis-prefix",
		EN: "start 'ruptura worker', or a 'ruptura serve' with --workers above 0, with the same --redis and the same --redis-prefix",
	}
	if waiting := s.Waiting + s.InHand; waiting > 0 {
		f.Level = doctor.Problem
		f.What.PT += fmt.Sprintf("; trabalhos à espera de um: %d", waiting)
		f.What.EN += fmt.Sprintf("; jobs waiting for one: %d", waiting)
	}
	return []doctor.Finding{f}
}

// buried tells of jobs that nobody tries any more.
func buried(count int, some []DeadJob) doctor.Finding {
	f := doctor.Finding{Code: "queue.dead", Level: doctor.Warning, Count: int64(count), What: lang.Text{
		PT: "trabalhos postos de lado, porque os seus trabalhadores morreram vez após vez",
		EN: "jobs put aside, because their workers died time after time",
	}, Mend: lang.Text{
		PT: "veja por quê com 'ruptura queue list'; 'ruptura queue retry ID' devolve à fila, 'ruptura queue drop ID' esquece",
		EN: "see why with 'ruptura queue list'; 'ruptura queue retry ID' puts one back, 'ruptura queue drop ID' forgets it",
	}}
	for _, j := range some {
		f.Examples = append(f.Examples, j.ID)
	}
	return f
}
