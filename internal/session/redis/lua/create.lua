-- Keeps a new session: all of it, or nothing.
-- ARGV: 3 the event inicio, 4 pedido, 5 orders, 6 jobs, then the fields of info by pairs.
-- Asked again it changes nothing: it returns REFUSED, or TAKEN when it is another that has the keys.
local TAKEN = 2
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.call('GET', KEYS[5]) == ARGV[4] and REFUSED or TAKEN
end
redis.call('SET', KEYS[5], ARGV[4])
redis.call('SET', KEYS[3], string.rep('0', tonumber(ARGV[5])))
redis.call('SET', KEYS[4], string.rep('0', tonumber(ARGV[6])))
append(1, ARGV[3])
changed('bytes', #ARGV[3] + PER_EVENT, unpack(ARGV, 7))
return WRITTEN
