-- The sessions that have not ended and were last heard of some time ago, the longest silent first.
-- ARGV: 1 for how long (ms), 2 how many to pass over, 3 how many at most, 4 time to live (ms).
-- Returns {now, how many in all were last heard of longer ago than they live, the sessions}.
local instant = now()
return {instant, redis.call('ZCOUNT', KEYS[1], '-inf', int(instant - ARGV[4])),
  redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', int(instant - ARGV[1]), 'LIMIT', ARGV[2], ARGV[3])}
