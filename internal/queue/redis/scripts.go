package redis

import (
	"github.com/redis/go-redis/v9"
)

// Every script has the stream of jobs as KEYS[1] and the group as ARGV[1], but for bury, which
// writes the stream of dead jobs: in a Redis Cluster the two may be on different servers.

// take takes a job for a consumer, in this sequence: what it is believed to have already, which an
// answer that got lost has left behind (a consumer looks for a job only when it has none); what has
// been without a sign of life for so many ms or was given back; what is new.
// It returns the entry's ID, how often the job has been taken, its fields, and whose it was; or
// nothing. Reading what one has is also the sign of life of a consumer that waits (Redis 7.0 takes
// no note of a read that finds nothing new).
const take = `
local function take(jobs, group, me, lease)
  local mine = redis.pcall('XREADGROUP', 'GROUP', group, me, 'COUNT', 1, 'STREAMS', jobs, '0')
  if mine.err then
    if not string.find(mine.err, 'NOGROUP', 1, true) then return mine end
    redis.call('XGROUP', 'CREATE', jobs, group, '0', 'MKSTREAM')
    mine = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', 1, 'STREAMS', jobs, '0')
  end

  local left = mine and mine[1] and mine[1][2][1]
  if left then
    local times = redis.call('XPENDING', jobs, group, left[1], left[1], 1)[1][4] - 1
    local again = redis.call('XCLAIM', jobs, group, me, 0, left[1], 'RETRYCOUNT', times)
    if again[1] then return {left[1], times, again[1][2], ''} end
  end

  while true do
    local idle = redis.call('XPENDING', jobs, group, 'IDLE', lease, '-', '+', 1)[1]
    if not idle then break end
    local taken = redis.call('XCLAIM', jobs, group, me, 0, idle[1])
    -- one that somebody deleted by hand is gone with this, and the next one is looked at
    if taken[1] then return {idle[1], idle[4] + 1, taken[1][2], idle[2]} end
  end

  local new = redis.call('XREADGROUP', 'GROUP', group, me, 'COUNT', 1, 'STREAMS', jobs, '>')
  local first = new and new[1] and new[1][2][1]
  return first and {first[1], 1, first[2], ''}
end
`

// look takes a job for the consumer ARGV[2], with leases of ARGV[3] ms.
var look = redis.NewScript(take + `
return take(KEYS[1], ARGV[1], ARGV[2], ARGV[3])
`)

// pass adds a job with the fields from ARGV[6] on, if there are any, ends the one in hand as finish
// does, and takes another as look does with leases of ARGV[4] ms. When an earlier answer to the same
// may have been lost (ARGV[5]) and the job in hand is gone, that has been done: then it only takes. It
// answers whose the job was, and what it has taken, which is nothing if the job was not ours.
var pass = redis.NewScript(take + `
local jobs, group, me, id, doubt = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[5] == '1'
local own = redis.pcall('XPENDING', jobs, group, id, id, 1)
if own.err and not string.find(own.err, 'NOGROUP', 1, true) then return own end
own = not own.err and own[1]
local whose = own and (own[2] == me and 1 or 0) or -1
local passed = whose == -1 and doubt
if #ARGV > 5 and not passed then redis.call('XADD', jobs, '*', unpack(ARGV, 6)) end
if whose == 1 then
  redis.call('XACK', jobs, group, id)
  redis.call('XDEL', jobs, id)
elseif not passed then
  return {whose}
end
return {whose, take(jobs, group, me, ARGV[4])}
`)

// owned answers from a script unless the entry ARGV[3] is in the hands of the consumer ARGV[2]: 0 if
// it is somebody else's, -1 if there is no such entry. It leaves what the group knows of it in own.
const owned = `
local jobs, group, me, id = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local own = redis.pcall('XPENDING', jobs, group, id, id, 1)
if own.err then
  if string.find(own.err, 'NOGROUP', 1, true) then return -1 end
  return own
end
own = own[1]
if not own then return -1 end
if own[2] ~= me then return 0 end
`

// What one says of a job in hand answers 1 once it is done.
var (
	// renew is a sign of life.
	renew = redis.NewScript(owned + `
return #redis.call('XCLAIM', jobs, group, me, 0, id, 'JUSTID')
`)
	// finish forgets the job.
	finish = redis.NewScript(owned + `
redis.call('XACK', jobs, group, id)
redis.call('XDEL', jobs, id)
return 1
`)
	// giveBack makes the job one that ARGV[4] has had since 1970 and that was taken once less: it
	// comes out before all that is new, and this time does not count.
	giveBack = redis.NewScript(owned + `
redis.call('XCLAIM', jobs, group, ARGV[4], 0, id, 'TIME', 0, 'RETRYCOUNT', own[4] - 1, 'JUSTID')
return 1
`)
)

// leave gives back, as giveBack does to the consumer ARGV[2], what the consumers from ARGV[3] on
// still have, and deletes them.
var leave = redis.NewScript(`
local jobs, group = KEYS[1], ARGV[1]
for i = 3, #ARGV do
  while true do
    local has = redis.call('XPENDING', jobs, group, '-', '+', 100, ARGV[i])
    if #has == 0 then break end
    for _, entry in ipairs(has) do
      redis.call('XCLAIM', jobs, group, ARGV[2], 0, entry[1], 'TIME', 0, 'RETRYCOUNT', entry[4] - 1, 'JUSTID')
    end
  end
  redis.call('XGROUP', 'DELCONSUMER', jobs, group, ARGV[i])
end
return 1
`)

// clean deletes the consumers that have nothing and gave no sign of life for ARGV[3] ms, but for
// ARGV[2]. What a consumer has would be lost with it, so looking and deleting are one step.
var clean = redis.NewScript(`
local deleted = 0
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local is = {}
  for i = 1, #consumer, 2 do is[consumer[i]] = consumer[i + 1] end
  if is.name ~= ARGV[2] and is.pending == 0 and is.idle > tonumber(ARGV[3]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], is.name)
    deleted = deleted + 1
  end
end
return deleted
`)

// length is what no worker has: all entries but those in hand, of which those of the consumer
// ARGV[2] are in nobody's.
var length = redis.NewScript(`
local waiting = redis.call('XLEN', KEYS[1])
if waiting == 0 then return 0 end
local held = redis.pcall('XPENDING', KEYS[1], ARGV[1])
if held.err then
  if string.find(held.err, 'NOGROUP', 1, true) then return waiting end
  return held
end
waiting = waiting - held[1]
for _, consumer in ipairs(held[4] or {}) do
  if consumer[1] == ARGV[2] then waiting = waiting + tonumber(consumer[2]) end
end
return math.max(waiting, 0)
`)

// bury adds to the stream of dead jobs, KEYS[1], the one that had been the entry ARGV[1], with the
// fields from ARGV[3] on, unless it was one of the last to be added. The oldest beyond about
// ARGV[2] are forgotten.
var bury = redis.NewScript(`
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 50)) do
  for i = 1, #entry[2], 2 do
    if entry[2][i] == 'o' and entry[2][i + 1] == ARGV[1] then return 0 end
  end
end
redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[2], '*', 'o', ARGV[1], unpack(ARGV, 3))
return 1
`)

// serverTime is the time in ms on the server that has the queue.
var serverTime = redis.NewScript(`
local now = redis.call('TIME')
return now[1] * 1000 + math.floor(now[2] / 1000)
`)
