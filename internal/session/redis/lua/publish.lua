-- Writes the results of lots or of parts of them, one after the other, and the end in the same step
-- when these were the last orders: results, counters, log entries and publications are one. So is the
-- session's next job, where they are a job's last and it asks for one.
-- ARGV: 3 the job whose end asks, or NOT_ASKED; then for each lot its number, orders of it that come
-- before, orders, how many failed, when (ms), the members of the event that the worker made, without braces.
-- Returns {UNKNOWN}, or {size, more, next} and a verdict for each lot: the bytes to charge the session for,
-- whether that is more than before, the job given out or NO_JOB, and WRITTEN, LAST when the session has ended with it, REFUSED when any
-- of the orders has been written, OVER when the session had ended. After UNKNOWN (Redis has thrown a part
-- away) or WRONG (not orders of one lot) the lots that follow have been let be.
local OVER, LAST, WRONG, NOT_ASKED = 3, 2, -2, -2
local s = info('estado', 'pedidos', 'tamanho_lote', 'lotes', 'processados', 'com_erro',
  'lotes_concluidos', 'ultimo_evento', 'criado', 'bytes', 'fixo', 'cada', 'carga', 'proximo', 'jobs')
if not s then
  return {UNKNOWN}
end

-- head begins the next event. Each event is then put together at once: Lua reads every string that it
-- makes to the end.
local function head(kind)
  s.ultimo_evento = s.ultimo_evento + 1
  return '{"id":' .. int(s.ultimo_evento) .. ',"tipo":"' .. kind .. '"'
end

local function log(event)
  s.bytes = s.bytes + #event + PER_EVENT
  append(s.ultimo_evento, event)
end

-- mark notes that orders are written: WRITTEN, or why it did not.
local function mark(lot, skip, orders)
  local from = lot * s.tamanho_lote
  local length = math.min(s.tamanho_lote, s.pedidos - from)
  if orders < 1 or skip < 0 or skip + orders > length then
    return WRONG
  end
  local done = redis.call('GETRANGE', KEYS[3], from, from + length - 1)
  if #done ~= length then
    return UNKNOWN
  end
  if string.find(string.sub(done, skip + 1, skip + orders), '1', 1, true) then
    return REFUSED
  end
  redis.call('SETRANGE', KEYS[3], from + skip, string.rep('1', orders))
  if not string.find(string.sub(done, 1, skip) .. string.sub(done, skip + orders + 1), '0', 1, true) then
    s.lotes_concluidos = s.lotes_concluidos + 1
  end
  return WRITTEN
end

-- write writes one lot and returns its verdict.
local function write(lot, skip, orders, failed, at, body)
  if ended(s.estado) then
    return OVER
  end
  local verdict = mark(lot, skip, orders)
  if verdict ~= WRITTEN then
    return verdict
  end
  s.processados = s.processados + orders
  s.com_erro = s.com_erro + failed
  local totals = ',"processados":' .. int(s.processados) .. ',"com_erro":' .. int(s.com_erro) ..
    ',"total_pedidos":' .. int(s.pedidos)
  local tenths = math.floor(s.processados * 1000 / s.pedidos)
  log(head('resultados') .. totals .. ',"progresso":' .. int(math.floor(tenths / 10)) .. '.' .. int(tenths % 10) ..
    ',' .. body .. '}')
  if s.lotes_concluidos < s.lotes then
    return WRITTEN
  end
  log(head('completo') .. ',"completo":true' .. totals .. ',"duracao_ms":' .. int(math.max(at - s.criado, 0)) .. '}')
  s.estado, s.concluido = 'completo', at
  return LAST
end

local answer, wrote, stopped = {0, 0, NO_JOB}, false, false
for i = 4, #ARGV, 6 do
  local verdict = write(tonumber(ARGV[i]), tonumber(ARGV[i + 1]), tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3]),
    tonumber(ARGV[i + 4]), ARGV[i + 5])
  answer[#answer + 1] = verdict
  wrote = wrote or verdict == WRITTEN or verdict == LAST
  if verdict < 0 then
    stopped = true
    break
  end
end
local finished = tonumber(ARGV[3])
if finished ~= NOT_ASKED and not stopped then
  local next = give(s, finished)
  wrote, answer[3] = wrote or next ~= nil, next or NO_JOB
end

local size = s.fixo + s.bytes
if not ended(s.estado) then
  size = size + s.cada * (s.pedidos - s.processados)
end
if wrote and size > s.carga then -- by some more than it takes, so that not every lot asks again
  size = size + math.floor(size / 16)
  s.carga, answer[2] = size, 1
end
answer[1] = size
if wrote then
  changed('processados', int(s.processados), 'com_erro', int(s.com_erro),
    'lotes_concluidos', int(s.lotes_concluidos), 'ultimo_evento', int(s.ultimo_evento),
    'bytes', int(s.bytes), 'carga', int(s.carga), 'proximo', int(s.proximo),
    unpack(s.concluido and {'estado', s.estado, 'concluido', int(s.concluido)} or {}))
end
return answer
