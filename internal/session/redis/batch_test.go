package redis_test

import (
	"errors"
	"testing"

	"ruptura/internal/redistest"
	"ruptura/internal/session"
)

func TestBatchBringsItsScriptAlong(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 60)
	server.Do(t, "SCRIPT", "FLUSH")
	got, err := store.PublishAll(t.Context(), s.ID, []session.LotResult{lot(s, 0, 100), lot(s, 1, 100), lot(s, 2, 100)})
	if err != nil || len(got) != 3 || !got[0].Written || !got[1].Written || !got[2].Ended {
		t.Fatalf("PublishAll = %+v, %v; want all three written, the last one to end the session", got, err)
	}
	wantUsage(t, store, 1)
}

func TestBatchSaysWhatWasAnswered(t *testing.T) {
	store := fresh(t, config())
	s := create(t, store, 60)
	wrong := lot(s, 1, 100)
	wrong.Skip = 20 // is of no lot
	got, err := store.PublishAll(t.Context(), s.ID, []session.LotResult{lot(s, 0, 100), wrong, lot(s, 2, 100)})
	if err == nil || errors.Is(err, session.ErrUnavailable) || len(got) != 1 || !got[0].Written {
		t.Fatalf("PublishAll = %+v, %v; want the first written, and an error", got, err)
	}
}

func TestBatchWhileRedisIsAway(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 60)
	server.Stop(t)
	got, err := store.PublishAll(t.Context(), s.ID, []session.LotResult{lot(s, 0, 100), lot(s, 1, 100)})
	if !errors.Is(err, session.ErrUnavailable) || len(got) != 0 {
		t.Fatalf("PublishAll = %+v, %v; want ErrUnavailable", got, err)
	}
}
