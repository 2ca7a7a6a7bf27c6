// Package redis connects to a Redis: one server, a master that sentinels watch, or a cluster; with
// or without TLS; Redis 7 or Valkey. It knows what an address means, how keys are named and what
// errors mean to the rest of the program, and nothing of what the keys hold.
package redis

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// DefaultPrefix begins the names of keys and channels.
const DefaultPrefix = "ruptura"

// Limits that make it known within a few seconds that Redis does not answer; each can be set in the
// address.
const (
	dialTimeout = 2 * time.Second
	ioTimeout   = 3 * time.Second
	poolTimeout = 2 * time.Second
	// retries are none: an answer that is late may be of a command that was done, which only who asked
	// can tell, and they ask again by themselves. Connections that a restart of Redis has left dead
	// are found by a look before they are used.
	retries = -1
	// redirects are a cluster's: to where a slot has moved. It counts other failures too.
	redirects = 1
)

// Options are what an address does not say.
type Options struct {
	// Prefix begins the names of all keys and channels, so that programs can share a Redis;
	// DefaultPrefix when empty. Letters, digits and ._:- only.
	Prefix string
}

// Client is Redis. It is safe for concurrent use, and closed by Close.
type Client struct {
	goredis.UniversalClient

	address *Address
	prefix  string
}

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9._:-]{1,64}$`) // no braces: they would choose a cluster's slot

// CheckPrefix says what is wrong with a prefix, in an [*AddressError].
func CheckPrefix(prefix string) error {
	if !prefixForm.MatchString(prefix) {
		return refuse("o prefixo das chaves só pode ter letras sem acento, algarismos e os sinais . _ : -, até 64",
			"the keys' prefix can only have letters, digits and the signs . _ : -, at most 64")
	}
	return nil
}

// Open makes a client of the Redis at an address, as [Parse] reads it. It does not connect: a
// server that is away now may be there when it is needed. What is wrong with the address, the
// prefix or a certificate's file is an [*AddressError].
func Open(address string, o Options) (*Client, error) {
	a, err := Parse(address)
	if err != nil {
		return nil, err
	}
	prefix := cmp.Or(o.Prefix, DefaultPrefix)
	if err := CheckPrefix(prefix); err != nil {
		return nil, err
	}
	options, err := a.options()
	if err != nil {
		return nil, err
	}
	client := goredis.NewUniversalClient(options)
	client.AddHook(dialling{})
	return &Client{UniversalClient: client, address: a, prefix: prefix}, nil
}

// String is the address without what may be secret.
func (c *Client) String() string { return c.address.String() }

// Cluster reports whether keys live on several servers, so that a script's must share a slot.
func (c *Client) Cluster() bool { return c.address.kind == cluster }

// Key is the name of a key or channel: the prefix and the parts, with colons between. In a
// cluster, names with the same part in braces live together.
func (c *Client) Key(parts ...string) string {
	return c.prefix + ":" + strings.Join(parts, ":")
}

// Ping reports whether Redis answers, as Explain says it.
func (c *Client) Ping(ctx context.Context) error {
	return Explain(c.UniversalClient.Ping(ctx).Err())
}
