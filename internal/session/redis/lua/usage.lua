-- How many sessions there are, and the bytes they are charged for. ARGV: 1 time to live (ms).
expire(tonumber(ARGV[1]))
return {redis.call('HLEN', KEYS[3]), used('total')}
