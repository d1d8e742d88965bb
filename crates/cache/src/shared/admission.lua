-- Takes one request from each bucket, or from none. A bucket is the moment, in microseconds of
-- Redis's own clock, at which it will be full again.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full_at = {}
local answer = {0, 0}
for i = 1, #KEYS do
    local interval, limit = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local seen = tonumber(redis.call('GET', KEYS[i]) or '0')
    local next = math.max(seen, now) + interval
    local over = next - now - interval * limit
    if over > 0 then
        return {i, over}
    end
    full_at[i] = next
    answer[i + 2] = next - now
end
for i = 1, #KEYS do
    local life = math.ceil((full_at[i] - now) / 1000) + 1
    redis.call('SET', KEYS[i], string.format('%.0f', full_at[i]), 'PX', life)
end
return answer
