package redis

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"ruptura/internal/session"
)

// sessionKeys are where a session lives. All but the channel, which has no place, share a slot.
type sessionKeys struct {
	info, events, written, passed, asked, prepared string
	channel                                        string
}

func (s *Store) keys(id session.ID) sessionKeys {
	slot := "{" + string(id) + "}"
	return sessionKeys{
		info: s.client.Key(slot, "info"), events: s.client.Key(slot, "eventos"),
		written: s.client.Key(slot, "feitos"), passed: s.client.Key(slot, "passados"), asked: s.client.Key(slot, "pedido"),
		prepared: s.client.Key(slot, "preparados"),
		channel:  s.client.Key(string(id)),
	}
}

// all are the keys in the sequence that the scripts know.
func (k sessionKeys) all() []string {
	return []string{k.info, k.events, k.written, k.passed, k.asked, k.prepared}
}

// idempotencyKey is where an idempotency key is kept: not as it came, and no two callers in one place.
func (s *Store) idempotencyKey(key session.Key) string {
	sum := sha256.Sum256([]byte(strconv.Itoa(len(key.Caller)) + " " + key.Caller + key.Value))
	return s.client.Key("chave", hex.EncodeToString(sum[:]))
}

// registryKeys are where the registry lives; see lua/registry.lua.
func (s *Store) registryKeys() [4]string {
	const slot = "{registro}"
	return [4]string{s.client.Key(slot, "abertas"), s.client.Key(slot, "finais"), s.client.Key(slot, "bytes"), s.client.Key(slot, "usado")}
}

// maxID is longer than any ID that is ever made.
const maxID = 64

// isID reports whether a text may be a session's ID. Others name no session, and must not reach
// another's keys.
func isID(id session.ID) bool {
	for _, c := range []byte(id) {
		switch {
		case c >= '0' && c <= '9', c >= 'A' && c <= 'Z', c >= 'a' && c <= 'z', c == '-', c == '_':
		default:
			return false
		}
	}
	return id != "" && len(id) <= maxID
}
