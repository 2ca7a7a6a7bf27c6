-- Lets an idempotency key go, now (0) or after some time, if it still names the session.
-- KEYS: 1 the key. ARGV: 1 session, 2 after how long (ms).
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, #ARGV[1] + 1) == ARGV[1] .. ' ' then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
