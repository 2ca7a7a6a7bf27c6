package settings

import (
	"errors"

	"ruptura/internal/lang"
	"ruptura/internal/redis"
)

// RedisAddress is where Redis is, as --redis takes it; "" is none. Its String is safe to show.
type RedisAddress string

// String is the address without what may be secret.
func (a RedisAddress) String() string {
	parsed, err := redis.Parse(string(a))
	if err != nil {
		return ""
	}
	return parsed.String()
}

// GoString keeps a password out of %#v.
func (a RedisAddress) GoString() string { return "settings.RedisAddress(" + a.String() + ")" }

// MarshalText keeps a password out of logs and JSON.
func (a RedisAddress) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

func parseRedis(s string) (RedisAddress, error) {
	_, err := redis.Parse(s)
	return RedisAddress(s), worded(err)
}

func parsePrefix(s string) (string, error) { return s, worded(redis.CheckPrefix(s)) }

// worded makes a refusal of an error that has words.
func worded(err error) error {
	if wrong, ok := errors.AsType[*redis.AddressError](err); ok {
		return refuse(wrong.In(lang.PT), wrong.In(lang.EN))
	}
	return err
}
