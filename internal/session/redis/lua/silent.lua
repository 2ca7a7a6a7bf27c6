-- The sessions that have not ended and were last heard of some time ago, the longest silent first.
-- ARGV: 1 for how long (ms), 2 how many to pass over, 3 how many at most, 4 time to live (ms).
-- Returns {before which instant a session's life is over, the sessions with their last known writes}.
return {int(now() - ARGV[4]),
  redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', int(now() - ARGV[1]), 'WITHSCORES', 'LIMIT', ARGV[2], ARGV[3])}
