-- Gives out the next job, each number once. ARGV: 3 the job whose end asks for it, or NO_JOB.
-- Returns {UNKNOWN}, {REFUSED} when there is none for it, or {WRITTEN, number}.
local s = info('estado', 'proximo', 'jobs')
if not s then
  return {UNKNOWN}
end
local next = give(s, tonumber(ARGV[3]))
if not next then
  return {REFUSED}
end
changed('proximo', int(s.proximo))
return {WRITTEN, next}
