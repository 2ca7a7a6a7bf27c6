-- Takes an idempotency key. KEYS: 1 the key. ARGV: 1 what it holds of a session that is gone, or
-- nothing, 2 what it is to hold, 3 for how long (ms). Returns what it holds now.
local held = redis.call('GET', KEYS[1])
if not held or held == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
  return ARGV[2]
end
return held
