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

// Who asks again after the answer to the last lot was lost tells the registry that the session ended.
func TestAskedAgainTheRegistryLearnsOfTheEnd(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := open(t, server.URL(), "", config())
	s := create(t, store, 20)
	registered := server.Do(t, "DUMP", "ruptura:{registro}:abertas")
	publish(t, store, s, 0, 100)
	server.Do(t, "RESTORE", "ruptura:{registro}:abertas", 0, registered, "REPLACE")
	if p, err := store.Publish(t.Context(), s.ID, lot(s, 0, 100)); err != nil || p.Written || !p.Ended {
		t.Fatalf("Publish again = %+v, %v; want it refused, and the end told", p, err)
	}
	if n := server.Do(t, "ZCARD", "ruptura:{registro}:abertas"); n != int64(0) {
		t.Errorf("%v sessions are thought to run", n)
	}
}

// A job that was given out with lots whose answer was lost is given out no more, but it is known to be
// undone: a sweep queues it.
func TestJobOfALostAnswerIsUndone(t *testing.T) {
	store := fresh(t, config())
	s := create(t, store, 400)
	if _, _, err := store.NextJob(t.Context(), s.ID, session.NoJob); err != nil {
		t.Fatal(err)
	}
	first := make([]session.LotResult, 0, session.MaxJobLots)
	for i := range session.MaxJobLots {
		first = append(first, lot(s, i, 100))
	}
	_, given, ok, err := store.PublishLast(t.Context(), s.ID, first, 0) // the answer that is lost
	if err != nil || !ok {
		t.Fatalf("PublishLast = %t, %v; want a job", ok, err)
	}
	if _, _, ok, err := store.PublishLast(t.Context(), s.ID, first, 0); err != nil || ok {
		t.Fatalf("PublishLast again = %t, %v; want no other job", ok, err)
	}
	undone, err := store.Undone(t.Context(), s.ID, 10)
	if err != nil || len(undone) != 1 || undone[0].Number != given {
		t.Errorf("Undone = %+v, %v; want job %d", undone, err, given)
	}
}
