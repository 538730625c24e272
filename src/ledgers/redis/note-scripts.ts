import { MAX_VERSION } from '../../core/ledger.js'
import { defineScript } from '../../drivers/redis/script.js'

/** The server's time, epoch ms. */
export const timeNow = /* lua */ `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`

/** Raises what is written down of an id. To the microsecond, no note has the time of another. */
export const note = /* lua */ `
local function note(id, version)
  local held = tonumber(redis.call('HGET', noted, id) or 0)
  local raised = math.max(math.min(held, ${MAX_VERSION - 1}) + 1, tonumber(version))
  redis.call('HSET', noted, id, string.format('%.0f', raised))
  redis.call('ZADD', notes, string.format('%.3f', time[1] * 1000 + time[2] / 1000), id)
end
`

/** Writes down that a cache could not be told of this version. */
export const noteRepair = defineScript({
  keys: ['notes', 'noted'],
  args: ['id', 'version'],
  source: /* lua */ `${timeNow}${note}
-- It needs no room, and lets the rest be done where there is none.
redis.call('ZREM', notes, id)
note(id, version)`,
})

/** The oldest notes: of each its id, its version and its time. */
export const oldestNotes = defineScript({
  keys: ['notes', 'noted'],
  args: ['limit'],
  source: /* lua */ `
local found = {}
for _, id in ipairs(redis.call('ZRANGE', notes, 0, tonumber(limit) - 1)) do
  table.insert(found, { id, redis.call('HGET', noted, id), redis.call('ZSCORE', notes, id) })
end
return found`,
})

/** Forgets a note that stands just as it was read. */
export const settleNote = defineScript({
  keys: ['notes', 'noted'],
  args: ['id', 'version', 'notedAt'],
  source: /* lua */ `
local heldAt = tonumber(redis.call('ZSCORE', notes, id) or 0)
if heldAt ~= tonumber(notedAt) or redis.call('HGET', noted, id) ~= version then return end
redis.call('ZREM', notes, id)
redis.call('HDEL', noted, id)`,
})
