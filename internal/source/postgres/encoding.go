package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"ruptura/internal/source"
)

// textSet is a set of texts.
type textSet map[string]bool

// unheld are those of the texts of a call that the database's encoding has no characters for, if that
// is why the call failed; else its error stands. They are in no row, and the call may be made again
// without them.
func (db *DB) unheld(ctx context.Context, failed error, asked []string) (textSet, error) {
	if !untranslatable(failed) {
		return nil, failed
	}
	var refused textSet
	err := db.view(ctx, "encoding", func(t *trip) (err error) {
		refused, err = t.refused(asked)
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(refused) == 0 {
		return nil, failed // over a text that is stored
	}
	return refused, nil
}

// untranslatable reports whether a text had no equivalent in another encoding. The server's message
// has no more than the first such character.
func untranslatable(err error) bool {
	refused := (*pgconn.PgError)(nil)
	return errors.As(err, &refused) && (refused.Code == "22P05" || refused.Code == "22021")
}

// refused offers texts to the server one by one, and keeps those that it cannot take: which they are,
// no two encodings agree, and only the server knows its own. It costs one round trip. ASCII is part of
// all encodings.
func (t *trip) refused(asked []string) (textSet, error) {
	offered := make([]string, 0, len(asked))
	for _, s := range asked {
		if strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) && storable(s) {
			offered = append(offered, s)
		}
	}
	t.send(statement{sql: `SAVEPOINT texto`})
	t.pipeline.SendPipelineSync()
	for _, s := range offered {
		t.queue(statement{sql: `SELECT $1::text`, args: []arg{textArg(s)}})
		t.pipeline.SendPipelineSync()
		t.queue(statement{sql: `ROLLBACK TO texto`})
		t.pipeline.SendPipelineSync()
	}
	t.pending = nil // read here, up to each sync
	if err := errors.Join(t.pipeline.Flush(), t.upToSync()); err != nil {
		return nil, err
	}
	found := textSet{}
	for _, s := range offered {
		err := t.upToSync()
		if err != nil && !untranslatable(err) {
			return nil, err
		}
		if err != nil {
			found[s] = true
		}
		if err := t.upToSync(); err != nil {
			return nil, err
		}
	}
	return found, t.finish()
}

// upToSync waits for the statements before the next sync, and returns the error that ended them.
func (t *trip) upToSync() (failed error) {
	for {
		result, err := t.pipeline.GetResults()
		switch result := result.(type) {
		case *pgconn.PipelineSync:
			return failed
		case *pgconn.ResultReader:
			_, err = result.Close()
		case nil:
			if err == nil {
				return fmt.Errorf("%w: answers end", source.ErrUnavailable)
			}
		}
		if err != nil && !errors.As(err, new(*pgconn.PgError)) {
			return err
		}
		if failed == nil {
			failed = err
		}
	}
}

// without are the texts that are not in a set.
func without[Text ~string](all []Text, unheld textSet) []Text {
	held := make([]Text, 0, len(all))
	for _, s := range all {
		if !unheld[string(s)] {
			held = append(held, s)
		}
	}
	return held
}

// plain are texts of any kind.
func plain[Text ~string](all []Text) []string {
	s := make([]string, len(all))
	for i := range all {
		s[i] = string(all[i])
	}
	return s
}

// wanted are the texts of a filter that some column must be equal to.
func wanted(f source.Filter) []string { return []string{f.UF, f.Salesperson, string(f.Product)} }

// anyOf reports whether the set has any of some texts.
func (t textSet) anyOf(some []string) bool {
	return slices.ContainsFunc(some, func(s string) bool { return t[s] })
}
