-- Charges a new session for what it is expected to need, forgetting for it, the oldest first, those
-- that have ended; but none when all of them would not be enough.
-- ARGV: 1 session, 2 size, 3 limit, 4 time to live (ms), 5 how many to look at.
-- Returns {DONE, FULL or TOO_LARGE, whom it has forgotten, whose last known write is older than they
-- live}: those may be gone, or only not heard of.
local id, size, limit, ttl = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if redis.call('HEXISTS', KEYS[3], id) == 1 then
  return {DONE, {}, {}} -- asked again
end
if size > limit then
  return {TOO_LARGE, {}, {}}
end
expire(ttl)
local silent = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', int(now() - ttl), 'LIMIT', 0, ARGV[5])
if used('total') - used('finais') + size > limit then
  return {FULL, {}, silent}
end
local gone = evict(size, limit, '')
redis.call('ZADD', KEYS[1], int(now()), id)
charge(id, size)
return {DONE, gone, silent}
