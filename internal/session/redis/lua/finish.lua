-- Notes that a session has ended and charges it for what it holds. Its last lot may have gone beyond
-- the limit: those that ended before it make room now, it later.
-- ARGV: 1 session, 2 size, 3 limit. Returns whom it has forgotten. Asked again it changes nothing.
local id = ARGV[1]
if redis.call('ZREM', KEYS[1], id) == 0 then
  return {}
end
charge(id, 0)
redis.call('ZADD', KEYS[2], int(now()), id)
charge(id, tonumber(ARGV[2]))
return evict(0, tonumber(ARGV[3]), id)
