package redis

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"ruptura/internal/session"
)

// errEntry says that an entry of the stream is not a job: another program wrote it, or a version
// of this one that knew more.
var errEntry = errors.New("queue: entry is not a job")

// entry is a job as it came out of the stream.
type entry struct {
	id       string
	attempts int
	fields   map[string]string
	from     string // the consumer it was taken over from, returned, or empty
}

// encode is the fields of a job: its session, its number, its part (empty for the whole job), and
// when it was queued, in ms.
func encode(j session.Job) []any {
	part := ""
	if j.Part != (session.Span{}) {
		part = fmt.Sprintf("%d-%d", j.Part.First, j.Part.End)
	}
	return []any{"s", string(j.Session), "n", j.Number, "p", part, "q", j.Queued.UnixMilli()}
}

// decode is the inverse of encode; other fields are let be. The error is an errEntry.
func decode(fields map[string]string) (session.Job, error) {
	number, err := strconv.Atoi(fields["n"])
	if err != nil || number < 0 {
		return session.Job{}, fmt.Errorf("%w: number %q", errEntry, fields["n"])
	}
	queued, err := strconv.ParseInt(fields["q"], 10, 64)
	if err != nil {
		return session.Job{}, fmt.Errorf("%w: queued at %q", errEntry, fields["q"])
	}
	j := session.Job{Session: session.ID(fields["s"]), Number: number, Queued: time.UnixMilli(queued).UTC()}
	if part := fields["p"]; part != "" {
		n, err := fmt.Sscanf(part, "%d-%d", &j.Part.First, &j.Part.End)
		if err != nil || n != 2 || j.Part.First < 0 || j.Part.Len() < 1 {
			return session.Job{}, fmt.Errorf("%w: part %q", errEntry, part)
		}
	}
	return j, nil
}

// parse reads what the script look answers.
func parse(reply any) (*entry, error) {
	parts, ok := reply.([]any)
	if !ok || len(parts) != 4 {
		return nil, fmt.Errorf("queue: answer not understood: %v", reply)
	}
	id, ok1 := parts[0].(string)
	attempts, ok2 := parts[1].(int64)
	pairs, ok3 := parts[2].([]any)
	from, ok4 := parts[3].(string)
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return nil, fmt.Errorf("queue: answer not understood: %v", reply)
	}
	e := &entry{id: id, attempts: int(attempts), fields: make(map[string]string, len(pairs)/2), from: from}
	for i := 0; i+1 < len(pairs); i += 2 {
		e.fields[fmt.Sprint(pairs[i])] = fmt.Sprint(pairs[i+1])
	}
	return e, nil
}
