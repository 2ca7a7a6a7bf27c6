-- Forgets the sessions named, those that it knows.
for _, id in ipairs(ARGV) do
  if redis.call('HEXISTS', KEYS[3], id) == 1 then
    forget(id)
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
