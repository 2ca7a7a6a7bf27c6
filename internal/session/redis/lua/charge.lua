-- Charges a session that has not ended for more than was expected.
-- ARGV: 1 session, 2 size, 3 limit. Returns {DONE or FULL, whom it has forgotten}: FULL when there
-- is no room even without all that have ended.
local id, limit = ARGV[1], tonumber(ARGV[3])
if redis.call('HEXISTS', KEYS[3], id) == 0 then
  return {DONE, {}}
end
charge(id, tonumber(ARGV[2]))
if used('total') - used('finais') > limit then
  return {FULL, {}}
end
return {DONE, evict(0, limit, id)}
