-- Notes the beginning of work; only the first counts. ARGV: 3 when, in ms.
-- Returns UNKNOWN, REFUSED when the session has ended, else WRITTEN.
local s = info('estado')
if not s then
  return UNKNOWN
end
if ended(s.estado) then
  return REFUSED
end
if s.estado == 'na_fila' then
  changed('estado', 'processando', 'iniciado', ARGV[3])
end
return WRITTEN
