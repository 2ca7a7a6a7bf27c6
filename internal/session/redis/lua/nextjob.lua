-- Gives out the next job, each number once. ARGV: 3 the job whose end asks for it, or -1.
-- Returns {UNKNOWN}, {REFUSED} when there is none for it, or {WRITTEN, number}.
local s = info('estado', 'proximo', 'jobs')
local finished = tonumber(ARGV[3])
if not s then
  return {UNKNOWN}
end
if ended(s.estado) or s.proximo >= s.jobs then
  return {REFUSED}
end
if finished >= 0 then
  if redis.call('GETRANGE', KEYS[4], finished, finished) == '1' then
    return {REFUSED}
  end
  redis.call('SETRANGE', KEYS[4], finished, '1')
end
changed('proximo', int(s.proximo + 1))
return {WRITTEN, s.proximo}
