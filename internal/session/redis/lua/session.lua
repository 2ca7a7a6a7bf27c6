-- What every script on one session begins with. Its keys, all in the slot of the session:
-- 1 info (hash), 2 eventos (stream), 3 feitos (a byte for each order), 4 passados (a byte for each
-- job), 5 pedido (what was asked), 6 preparados (hash: what has been prepared of each lot). The first two arguments are always the time to live in
-- milliseconds and the channel of the session.
--
-- A script that writes begins with a write that Redis refuses when it is out of memory, so that it
-- then changes nothing at all.

local UNKNOWN, REFUSED, WRITTEN = -1, 0, 1
local NO_JOB = -1
local PER_EVENT = 64 -- what an event costs beside its data

local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

-- int writes a whole number without an exponent, however large.
local function int(n)
  return string.format('%d', n)
end

-- ended tells whether nothing more happens in that state.
local function ended(state)
  return state ~= 'na_fila' and state ~= 'processando'
end

-- info is the fields named, numbers as such; nil when there is no such session. The first is estado.
local function info(...)
  local values = redis.call('HMGET', KEYS[1], ...)
  if not values[1] then
    return nil
  end
  local fields = {estado = values[1]}
  for i = 2, #values do
    fields[select(i, ...)] = tonumber(values[i]) or 0
  end
  return fields
end

-- give gives out the next job for the end of one, or for NO_JOB; nil when there is none for it. It needs
-- proximo and jobs among the fields, and leaves it to the caller to note proximo.
local function give(s, finished)
  if ended(s.estado) or s.proximo >= s.jobs then
    return nil
  end
  if finished ~= NO_JOB then
    if redis.call('GETRANGE', KEYS[4], finished, finished) == '1' then
      return nil
    end
    redis.call('SETRANGE', KEYS[4], finished, '1')
  end
  s.proximo = s.proximo + 1
  return s.proximo - 1
end

-- append logs an event and tells whoever listens.
local function append(id, event)
  redis.call('XADD', KEYS[2], int(id) .. '-0', 'd', event)
  redis.call('PUBLISH', ARGV[2], event)
end

-- changed notes fields and begins the life of the session again. All its keys end at the same instant,
-- however long the script is held up.
local function changed(...)
  local at = now()
  redis.call('HSET', KEYS[1], 'escrito', int(at), ...)
  for i = 1, #KEYS do
    redis.call('PEXPIREAT', KEYS[i], int(at + ARGV[1]))
  end
end
