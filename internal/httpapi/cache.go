package httpapi

import (
	"sync"
	"time"

	"ruptura/internal/atp"
	"ruptura/internal/wire"
)

// maxAnswers bounds the cache.
const maxAnswers = 4096

// answerCache keeps single answers for clients that ask for old ones (?cache=true), and only where
// the server was told to: nothing else ever reads from it.
type answerCache struct {
	ttl time.Duration

	mu      sync.Mutex
	answers map[answerKey]kept
}

// answerKey holds all that an answer depends on beside the data.
type answerKey struct {
	order  atp.OrderNumber
	params atp.Params
	detail wire.Detail
}

type kept struct {
	cachedAnswer
	at time.Time
}

func newAnswerCache(ttl time.Duration) *answerCache {
	return &answerCache{ttl: ttl, answers: map[answerKey]kept{}}
}

// get returns an answer that is not too old, with its age.
func (c *answerCache) get(key answerKey, now time.Time) (cachedAnswer, time.Duration, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, ok := c.answers[key]
	age := now.Sub(a.at)
	if !ok || age > c.ttl {
		return cachedAnswer{}, 0, false
	}
	return a.cachedAnswer, age, true
}

// put keeps an answer, if answers are kept at all. at is when it was asked for.
func (c *answerCache) put(key answerKey, at time.Time, a cachedAnswer) {
	if c.ttl <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) >= maxAnswers {
		c.prune(at)
	}
	c.answers[key] = kept{a, at}
}

// prune drops what is too old, and everything if that is not enough.
func (c *answerCache) prune(now time.Time) {
	for key, a := range c.answers {
		if now.Sub(a.at) > c.ttl {
			delete(c.answers, key)
		}
	}
	if len(c.answers) >= maxAnswers {
		clear(c.answers)
	}
}
