package sessiontest

import (
	"testing"
	"testing/synctest"

	"ruptura/internal/session"
)

var bubbleCases = []testCase{
	{"a waiting reader sleeps until something comes", testSleeps},
	{"every waiting reader wakes", testWakesAll},
	{"there is no value when everything is taken", testQuiet},
}

// wake tells when a reader's Ready received.
func wake(r session.Reader) <-chan struct{} {
	woken := make(chan struct{})
	go func() {
		<-r.Ready()
		close(woken)
	}()
	return woken
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// settled is a reader that has taken everything and seen its last wake-up.
func settled(t *testing.T, store session.Store, id session.ID) session.Reader {
	t.Helper()
	r := follow(t, store, id, 0)
	takeN(t, r, 1)
	synctest.Wait()
	select { // a stale value is allowed once
	case <-r.Ready():
		wantNothing(t, r)
	default:
	}
	return r
}

func testSleeps(t *testing.T, store session.Store) {
	s := begun(t, store, 40)
	r := settled(t, store, s.ID)
	woken := wake(r)
	synctest.Wait()
	if isClosed(woken) {
		t.Fatal("the reader woke up for nothing")
	}
	publish(t, store, s.ID, result(s, 0))
	synctest.Wait()
	if !isClosed(woken) {
		t.Fatal("the reader was not woken")
	}
}

func testWakesAll(t *testing.T, store session.Store) {
	s := begun(t, store, 40)
	var woken []<-chan struct{}
	for range 20 {
		woken = append(woken, wake(settled(t, store, s.ID)))
	}
	synctest.Wait()
	end(t, store, s.ID, session.Ending{State: session.Failed, Message: "erro", At: at(2)})
	synctest.Wait()
	for i, w := range woken {
		if !isClosed(w) {
			t.Fatalf("reader %d was not woken by the end", i)
		}
	}
}

func testQuiet(t *testing.T, store session.Store) {
	s := begun(t, store, 100)
	r := settled(t, store, s.ID)
	for i := range s.Lots() - 1 {
		publish(t, store, s.ID, result(s, i))
	}
	takeN(t, r, s.Lots()-1)
	synctest.Wait()
	select {
	case <-r.Ready():
		wantNothing(t, r)
	default:
	}
	woken := wake(r)
	synctest.Wait()
	if isClosed(woken) {
		t.Fatal("the reader spins although everything is taken")
	}
	end(t, store, s.ID, session.Ending{State: session.Failed, Message: "erro", At: at(2)})
	<-woken
}
