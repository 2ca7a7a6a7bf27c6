-- What every script on the registry begins with: which sessions there are, and the memory that they
-- are charged for. Its keys, all in one slot: 1 abertas (sessions that have not ended, by their last
-- known write in ms), 2 finais (those that have, by when), 3 bytes (what each is charged for),
-- 4 usado (hash: total, and finais, the part of those that have ended).

local TOO_LARGE, FULL, DONE = -2, -1, 1

local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end

local function int(n)
  return string.format('%.0f', n)
end

local function used(field)
  return tonumber(redis.call('HGET', KEYS[4], field)) or 0
end

-- charge changes what a session is charged for.
local function charge(id, size)
  local more = size - (tonumber(redis.call('HGET', KEYS[3], id)) or 0)
  redis.call('HSET', KEYS[3], id, int(size))
  redis.call('HINCRBY', KEYS[4], 'total', int(more))
  if redis.call('ZSCORE', KEYS[2], id) then
    redis.call('HINCRBY', KEYS[4], 'finais', int(more))
  end
end

-- forget knows a session no more, nor what it was charged for. It begins with what Redis lets pass
-- even when it is out of memory.
local function forget(id)
  local size = tonumber(redis.call('HGET', KEYS[3], id)) or 0
  redis.call('HDEL', KEYS[3], id)
  redis.call('ZREM', KEYS[1], id)
  redis.call('HINCRBY', KEYS[4], 'total', int(0 - size))
  if redis.call('ZREM', KEYS[2], id) == 1 then
    redis.call('HINCRBY', KEYS[4], 'finais', int(0 - size))
  end
end

-- expire forgets those that ended longer ago than they live.
local function expire(ttl)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', int(now() - ttl))) do
    forget(id)
  end
end

-- evict forgets those that ended, the oldest first, until there is room for that many more bytes or
-- only the one to keep is left. It returns whom it has forgotten.
local function evict(more, limit, keep)
  local gone = {}
  while used('total') + more > limit do
    local oldest = redis.call('ZRANGE', KEYS[2], 0, 1)
    local id = oldest[1]
    if id == keep then
      id = oldest[2]
    end
    if not id then
      break
    end
    forget(id)
    gone[#gone + 1] = id
  end
  return gone
end
