/** Expired members of the index that a write removes besides. */
const SWEPT_PER_WRITE = 10;

/**
 * `StoreDriver.write` in one script.
 *
 * - `KEYS`: the last version, the index of all keys, the index of those that expire, and then the entries.
 * - `ARGV`: the version that this process knows of; until when the write is wanted; and for each entry its key within the store, what
 *   to do, the text, the version that it must have (`0`: none; empty: any), and how long it stands (empty: for ever).
 * - It returns what came of it (`written`, `refused`, `late` or `lost`), what time it is, and the last version.
 *
 * A version is the server's time in microseconds, or one more than the last: so it is a new one even when the server has lost all
 * that it knew. It has sixteen digits until the year 2286, and stands before the text of its entry.
 */
export const WRITE_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local last = redis.call('GET', KEYS[1]) or '0'
local told = string.format('%.0f', now)
if now > tonumber(ARGV[2]) then return {'late', told, last} end
if tonumber(last) < tonumber(ARGV[1]) then return {'lost', told, last} end
local count = #KEYS - 3
for n = 1, count do
  local wanted = ARGV[5 * n + 1]
  if wanted ~= '' then
    local held = redis.call('GETRANGE', KEYS[n + 3], 0, 15)
    if held == '' then held = '0' end
    if held ~= wanted then return {'refused', told, last} end
  end
end
-- First what makes room: a server that is full lets a script go on which has begun to write.
for n = 1, count do
  if ARGV[5 * n - 1] == 'delete' then redis.call('UNLINK', KEYS[n + 3]) end
end
last = string.format('%.0f', math.max(tonumber(last) + 1, time[1] * 1000000 + time[2]))
redis.call('SET', KEYS[1], last)
for n = 1, count do
  local entry, key, kind, life = KEYS[n + 3], ARGV[5 * n - 2], ARGV[5 * n - 1], ARGV[5 * n + 2]
  if kind == 'put' then
    redis.call('SET', entry, last .. ' ' .. ARGV[5 * n])
    redis.call('ZADD', KEYS[2], 0, key)
  elseif kind == 'delete' then
    redis.call('UNLINK', entry)
    redis.call('ZREM', KEYS[2], key)
  end
  if life ~= '' then
    redis.call('PEXPIRE', entry, life)
    redis.call('ZADD', KEYS[3], string.format('%.0f', now + tonumber(life)), key)
  elseif kind ~= 'check' then
    redis.call('ZREM', KEYS[3], key)
  end
end
local gone = redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', told, 'LIMIT', 0, ${SWEPT_PER_WRITE})
if #gone > 0 then
  redis.call('ZREM', KEYS[3], unpack(gone))
  redis.call('ZREM', KEYS[2], unpack(gone))
end
return {'written', told, last}
`;
