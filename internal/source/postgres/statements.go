package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"ruptura/internal/source"
)

// statement is one SELECT of a trip. What users typed is in args alone.
type statement struct {
	sql    string
	args   []arg
	before func() // called before the first row, if not nil
	row    func() // called for each row, which the decoder of the trip then holds
}

// trip is a read-only transaction on one snapshot, sent ahead as a pipeline: what is queued until
// the next fetch or finish costs one round trip together.
type trip struct {
	*decoder
	pipeline *pgconn.Pipeline
	pending  []statement
	finished bool
}

// errLimit is the cause of a call that takes too long as a whole.
var errLimit = fmt.Errorf("%w: no answer in time", source.ErrUnavailable)

// view runs fn, which may be run again on another connection: one that was cut since its last use
// shows only when it is used, and one whose user was dropped since has no rights, though a new user of
// that name may have.
func (db *DB) view(ctx context.Context, op string, fn func(*trip) error) error {
	limited, cancel := context.WithTimeoutCause(ctx, 2*db.limit, errLimit)
	defer cancel()
	lost, err := db.try(limited, fn)
	if (lost || denied(err)) && limited.Err() == nil {
		db.pool.Reset() // the others are like it
		_, err = db.try(limited, fn)
	}
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return fmt.Errorf("postgres: %s: %w", op, errLimit)
	}
	return classify(ctx, op, err)
}

// try runs fn on one connection, and reports whether that was lost.
func (db *DB) try(ctx context.Context, fn func(*trip) error) (lost bool, err error) {
	conn, err := db.pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Release()
	err = db.travel(ctx, conn, fn)
	return err != nil && conn.Conn().IsClosed(), err
}

func (db *DB) travel(ctx context.Context, conn *pgxpool.Conn, fn func(*trip) error) error {
	t := &trip{decoder: newDecoder(), pipeline: conn.Conn().PgConn().StartPipeline(ctx)}
	for _, sql := range db.opening() {
		t.send(statement{sql: sql})
	}
	err := fn(t)
	if finishErr := t.finish(); err == nil {
		err = finishErr
	}
	// Reads what is left, so that the connection is ready for the next call.
	if closeErr := t.pipeline.Close(); err == nil {
		err = closeErr
	}
	return err
}

// opening begins a transaction that holds for one server connection what a session must not keep.
func (db *DB) opening() []string {
	return []string{
		`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY`,
		`SET LOCAL statement_timeout = ` + strconv.FormatInt(db.limit.Milliseconds(), 10),
		// What compiling costs, no statement of ours gains.
		`SET LOCAL jit = off`,
	}
}

// send queues statements.
func (t *trip) send(all ...statement) {
	for _, s := range all {
		t.queue(s)
	}
}

func (t *trip) queue(s statement) {
	values, oids, formats := s.parameters()
	t.pipeline.SendQueryParams(s.sql, values, oids, formats, []int16{binaryFormat})
	t.pending = append(t.pending, s)
}

// parameters are the args as the driver takes them.
func (s *statement) parameters() (values [][]byte, oids []uint32, formats []int16) {
	for _, a := range s.args {
		values, oids, formats = append(values, a.value), append(oids, a.oid), append(formats, binaryFormat)
	}
	return values, oids, formats
}

// fetch hands out the rows of what was queued, within the transaction.
func (t *trip) fetch() error {
	t.pipeline.SendFlushRequest()
	if err := t.pipeline.Flush(); err != nil {
		return err
	}
	return t.collect()
}

// finish ends the transaction and hands out the rows of what was queued. It may be called again.
func (t *trip) finish() error {
	if t.finished {
		return nil
	}
	t.finished = true
	// The first sync ends what a failed statement would make the server skip, so that the
	// transaction ends in any case.
	t.pipeline.SendPipelineSync()
	t.pipeline.SendQueryParams(`COMMIT`, nil, nil, nil, nil)
	if err := t.pipeline.Sync(); err != nil {
		return err
	}
	return t.collect()
}

func (t *trip) collect() error {
	pending := t.pending
	t.pending = nil
	for _, s := range pending {
		if err := t.read(s); err != nil {
			return err
		}
	}
	return nil
}

// read hands out the rows of the next statement. A row that cannot be decoded ends it.
func (t *trip) read(s statement) error {
	result, err := t.pipeline.GetResults()
	if err != nil {
		return err
	}
	reader, ok := result.(*pgconn.ResultReader)
	if !ok {
		return fmt.Errorf("%w: unexpected answer %T", errors.ErrUnsupported, result)
	}
	if s.before != nil {
		s.before()
	}
	t.fields = reader.FieldDescriptions()
	for reader.NextRow() {
		t.values = reader.Values()
		if s.row(); t.err != nil {
			return t.err
		}
	}
	_, err = reader.Close()
	return err
}

// Ping reports whether the server answers and has what is read, and lets the user read it: it asks for
// nothing that is in a table. Errors are those of a read.
func (db *DB) Ping(ctx context.Context) error {
	limited, cancel := context.WithTimeoutCause(ctx, pingLimit, errLimit)
	defer cancel()
	_, err := db.survey(limited)
	if err != nil && ctx.Err() == nil && limited.Err() != nil {
		return fmt.Errorf("postgres: ping: %w", errLimit)
	}
	return err
}

// pingLimit is how long a server that answers at all may take to say so.
const pingLimit = 5 * time.Second
