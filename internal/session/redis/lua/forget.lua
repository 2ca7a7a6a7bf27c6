-- Forgets the sessions named.
for _, id in ipairs(ARGV) do
  forget(id)
end
