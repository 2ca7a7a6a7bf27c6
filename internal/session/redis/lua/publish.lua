-- Writes the results of a lot or of a part of it, and the end in the same step when these were the
-- last orders: result, counters, log entry and publication are one.
-- ARGV: 3 lot, 4 orders of it that come before, 5 orders, 6 how many failed, 7 when (ms), 8 the
-- members of the event that the worker made, without braces.
-- Returns {UNKNOWN}, {REFUSED, 0} when any of the orders has been written, {REFUSED, 1, size} when the
-- session has ended, or {WRITTEN, ended, size, more}: the bytes to charge the session for, and whether that is
-- more than before.
local s = info('estado', 'pedidos', 'tamanho_lote', 'lotes', 'processados', 'com_erro',
  'lotes_concluidos', 'ultimo_evento', 'criado', 'bytes', 'fixo', 'cada', 'carga')
if not s then
  return {UNKNOWN}
end
if ended(s.estado) then
  return {REFUSED, 1, s.fixo + s.bytes}
end

local lot = tonumber(ARGV[3]) * s.tamanho_lote
local lot_end = math.min(lot + s.tamanho_lote, s.pedidos)
local first, orders = lot + tonumber(ARGV[4]), tonumber(ARGV[5])
if orders < 1 or first + orders > lot_end then
  return redis.error_reply('ERR ' .. orders .. ' orders from ' .. first .. ' are not of one lot')
end
local written = redis.call('GETRANGE', KEYS[3], first, first + orders - 1)
if #written ~= orders then
  return {UNKNOWN} -- Redis has thrown a part of it away
end
if string.find(written, '1', 1, true) then
  return {REFUSED, 0}
end
redis.call('SETRANGE', KEYS[3], first, string.rep('1', orders))
if not string.find(redis.call('GETRANGE', KEYS[3], lot, lot_end - 1), '0', 1, true) then
  s.lotes_concluidos = s.lotes_concluidos + 1
end
s.processados = s.processados + orders
s.com_erro = s.com_erro + tonumber(ARGV[6])
local complete = s.lotes_concluidos == s.lotes

local function log(event)
  s.ultimo_evento = s.ultimo_evento + 1
  s.bytes = s.bytes + #event + PER_EVENT
  append(s.ultimo_evento, event)
end

local tenths = math.floor(s.processados * 1000 / s.pedidos)
log('{"id":' .. int(s.ultimo_evento + 1) .. ',"tipo":"resultados","processados":' .. int(s.processados) ..
  ',"com_erro":' .. int(s.com_erro) .. ',"total_pedidos":' .. int(s.pedidos) ..
  ',"progresso":' .. int(math.floor(tenths / 10)) .. '.' .. int(tenths % 10) .. ',' .. ARGV[8] .. '}')
local size = s.fixo + s.bytes + s.cada * (s.pedidos - s.processados)
local fields = {}
if complete then
  local took = math.max(tonumber(ARGV[7]) - s.criado, 0)
  log('{"id":' .. int(s.ultimo_evento + 1) .. ',"tipo":"completo","completo":true,"processados":' ..
    int(s.processados) .. ',"com_erro":' .. int(s.com_erro) .. ',"total_pedidos":' .. int(s.pedidos) ..
    ',"duracao_ms":' .. int(took) .. '}')
  fields = {'estado', 'completo', 'concluido', ARGV[7]}
  size = s.fixo + s.bytes
end
local more = size > s.carga
if more then -- by some more than it takes, so that not every lot asks again
  size = size + math.floor(size / 16)
  s.carga = size
end
changed('processados', int(s.processados), 'com_erro', int(s.com_erro),
  'lotes_concluidos', int(s.lotes_concluidos), 'ultimo_evento', int(s.ultimo_evento),
  'bytes', int(s.bytes), 'carga', int(s.carga), unpack(fields))
return {WRITTEN, complete and 1 or 0, size, more and 1 or 0}
