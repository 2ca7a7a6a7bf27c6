-- Forgets a session as whoever asks has made it. ARGV: 3 pedido.
-- Returns UNKNOWN when there is none, WRITTEN, or TAKEN when another has the keys.
local TAKEN = 2
local kept = redis.call('GET', KEYS[5])
if not kept then
  return UNKNOWN
end
if kept ~= ARGV[3] then
  return TAKEN
end
redis.call('UNLINK', unpack(KEYS))
return WRITTEN
