-- Ends a session early, unless it has ended. ARGV: 3 the state, 4 the message as JSON, 5 when (ms).
-- Returns {UNKNOWN}, {REFUSED, state} or {WRITTEN, state, size}: the bytes to charge it for.
local s = info('estado', 'pedidos', 'processados', 'ultimo_evento', 'bytes', 'fixo')
if not s then
  return {UNKNOWN}
end
if ended(s.estado) then
  return {REFUSED, s.estado}
end
local id = s.ultimo_evento + 1
local event = '{"id":' .. int(id) .. ',"tipo":"erro","error":' .. ARGV[4] .. ',"processados":' ..
  int(s.processados) .. ',"total_pedidos":' .. int(s.pedidos) .. '}'
local bytes = s.bytes + #event + PER_EVENT
append(id, event)
redis.call('UNLINK', KEYS[6])
changed('estado', ARGV[3], 'concluido', ARGV[5], 'ultimo_evento', int(id), 'bytes', int(bytes))
return {WRITTEN, ARGV[3], s.fixo + bytes}
