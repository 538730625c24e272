import { LAST_DATE } from '../../core/stored-session.js'
import { OFFSETS, WIDTHS } from '../../drivers/redis/record-format.js'
import { defineEachScript, defineScript } from '../../drivers/redis/script.js'
import { note, timeNow } from './note-scripts.js'
import { TOMBSTONE_EXPIRY } from './stored-value.js'

// Plain Redis 6.2. Each script may run twice (a client that resends what it got no answer to), which
// changes nothing: what was done once for a write is not done again. A
// Redis out of memory refuses a script's first write where that may need room, and then the rest
// is not done; a script that begins with one that needs none does the rest too.

const slice = (name: keyof typeof WIDTHS) => `${OFFSETS[name] + 1}, ${OFFSETS[name] + WIDTHS[name]}`

/** For how long Redis holds what has expired and was not swept, ms: an insert goes on from its version. */
export const GRACE = 86_400_000

/** For how long it is known that a change was made, ms: longer than clients go on sending it. */
const KNOWN_AS_DONE = 60_000

/**
 * What is held, and a text that is the same only while just that is held: nothing for nothing, the
 * header of a session, which differs after each write and touch, a digest of anything else, or the
 * type of what is no string.
 */
const look = /* lua */ `
local function look(key)
  local kind = redis.call('TYPE', key).ok
  if kind == 'none' then return '', '' end
  if kind ~= 'string' then return kind, '' end
  local value = redis.call('GET', key)
  local header = string.sub(value, 1, ${OFFSETS.end})
  if #header == ${OFFSETS.end} and string.find(header, '^L[ -~]+$') then return header, value end
  return redis.sha1hex(value), value
end
`

/** What is held of several ids, each with the time: `{ now, seen, value }`. */
export const lookAtEach = defineEachScript({
  shared: [],
  key: 'record',
  args: [],
  before: `${timeNow}${look}`,
  source: /* lua */ `
local seen, value = look(record)
return { now, seen, value }`,
})

/**
 * Holds a session or a tombstone where exactly what was seen is held, and its time is not over; with
 * it changes all that finds it. Returns 1 where it was done, also where that was earlier, by the same
 * write, and others have built upon it since: a client sent it again. A tombstone deletes first: that makes
 * room for it in a Redis out of memory.
 */
export const swap = defineScript({
  keys: ['record', 'live', 'dead', 'ids', 'users', 'owners', 'notes', 'noted', 'contexts', 'done'],
  args: ['context', 'id', 'seen', 'goodUntil', 'value', 'expiresAt', 'dropAt', 'owned', 'version'],
  source: /* lua */ `${timeNow}${look}${note}
local isLive = string.sub(value, 1, 1) == 'L'
if isLive and redis.call('EXISTS', done) == 1 then return 1 end
if look(record) ~= seen or (goodUntil ~= '' and now >= tonumber(goodUntil)) then return 0 end
if not isLive then redis.call('DEL', record) end
redis.call('SET', record, value, 'PXAT', dropAt)
local before = redis.call('HGET', owners, id)
if before and before ~= owned then
  redis.call('ZREM', users, before)
  redis.call('HDEL', owners, id)
end
if isLive then
  redis.call('ZADD', live, expiresAt, id)
  redis.call('ZADD', ids, 0, id)
  redis.call('ZREM', dead, id)
  if owned ~= '' then
    redis.call('ZADD', users, 0, owned)
    redis.call('HSET', owners, id, owned)
  end
else
  redis.call('ZREM', live, id)
  redis.call('ZREM', ids, id)
  redis.call('ZADD', dead, expiresAt, id)
end
redis.call('SADD', contexts, context)
if version ~= '' then note(id, version) end
if isLive then redis.call('SET', done, '1', 'PX', ${KNOWN_AS_DONE}) end
return 1`,
})

/** `kind`, `check`, `version` and `expiresAt` of what is held, where it has them. */
const readHeader = /* lua */ `
local header = ''
if redis.call('TYPE', record).ok == 'string' then
  header = redis.call('GETRANGE', record, 0, ${OFFSETS.end - 1})
end
local kind, heldCheck = string.sub(header, 1, 1), string.sub(header, ${slice('check')})
local version = tonumber(string.sub(header, ${slice('version')}))
local expiresAt
if kind == 'L' then expiresAt = tonumber(string.sub(header, ${slice('expiresAt')})) end
if kind == 'T' then
  expiresAt = tonumber(string.sub(header, ${TOMBSTONE_EXPIRY + 1}, ${TOMBSTONE_EXPIRY + WIDTHS.expiresAt}))
end
`

/**
 * Moves a session's expiry later, in place; returns its version, its expiry, and whether it is a
 * tombstone, or nothing where it is absent. PEXPIREAT comes first: it needs no room.
 */
export const touch = defineScript({
  keys: ['record', 'live'],
  args: ['id', 'check', 'ttl'],
  source: /* lua */ `${timeNow}${readHeader}
if heldCheck ~= check or not version or not expiresAt or expiresAt <= now then return false end
if kind == 'T' then return { version, expiresAt, 1 } end
local limit = tonumber(string.sub(header, ${slice('absoluteExpiresAt')})) or ${LAST_DATE}
local later = math.max(expiresAt, math.min(now + tonumber(ttl), ${LAST_DATE}))
later = math.min(later, limit)
redis.call('PEXPIREAT', record, string.format('%.0f', later + ${GRACE}))
redis.call('SETRANGE', record, ${OFFSETS.expiresAt}, string.format('%0${WIDTHS.expiresAt}.0f%0${WIDTHS.confirmedAt}.0f', later, now))
redis.call('ZADD', live, string.format('%.0f', later), id)
return { version, later, 0 }`,
})

/** A page of a sorted set whose members are all of one score. */
export const page = defineScript({
  keys: ['members'],
  args: ['from', 'to', 'limit'],
  source: /* lua */ `return redis.call('ZRANGEBYLEX', members, from, to, 'LIMIT', 0, limit)`,
})

/** All members of a set. */
export const members = defineScript({
  keys: ['set'],
  args: [],
  source: /* lua */ `return redis.call('SMEMBERS', set)`,
})

/** `{ live, expired, tombstones }`. */
export const count = defineScript({
  keys: ['live', 'dead'],
  args: [],
  source: /* lua */ `${timeNow}
local active = redis.call('ZCOUNT', live, '(' .. string.format('%.0f', now), '+inf')
return { active, redis.call('ZCARD', live) - active, redis.call('ZCARD', dead) }`,
})

/**
 * Counts the users of live sessions among so many members, from one on; `last` is who was counted
 * last. Returns how many there were, where to go on from (nothing: it is done), and whom it counted
 * last.
 */
export const countUsers = defineScript({
  keys: ['users', 'live'],
  args: ['from', 'last', 'limit'],
  source: /* lua */ `${timeNow}
local members = redis.call('ZRANGEBYLEX', users, from, '+', 'LIMIT', 0, limit)
local found = 0
for _, member in ipairs(members) do
  local user, id = string.match(member, '^(.*)%z([^%z]*)$')
  if user and user ~= last then
    local expiresAt = redis.call('ZSCORE', live, id)
    if expiresAt and tonumber(expiresAt) > now then
      found = found + 1
      last = user
    end
  end
end
return { found, members[tonumber(limit)] or '', last }`,
})

/** The time, and ids of at most so many sessions and tombstones whose time is over. */
export const findExpired = defineScript({
  keys: ['live', 'dead'],
  args: ['limit'],
  source: /* lua */ `${timeNow}
local found = { now }
for _, index in ipairs({ live, dead }) do
  local room = tonumber(limit) + 1 - #found
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', now, 'LIMIT', 0, room)) do
    table.insert(found, id)
  end
end
return found`,
})

/**
 * Removes a session or tombstone whose time was over then, also where Redis dropped it by itself, and
 * returns 1 for whoever was first; what was touched or begun anew stays, and is found later.
 */
export const removeExpired = defineScript({
  keys: ['record', 'live', 'dead', 'ids', 'users', 'owners'],
  args: ['id', 'found'],
  source: /* lua */ `${readHeader}
local isThere = expiresAt and expiresAt > tonumber(found)
if isThere then
  redis.call('ZREM', kind == 'L' and dead or live, id)
  redis.call('ZADD', kind == 'L' and live or dead, string.format('%.0f', expiresAt), id)
  return 0
end
redis.call('DEL', record)
local removed = redis.call('ZREM', live, id) + redis.call('ZREM', dead, id)
redis.call('ZREM', ids, id)
local owned = redis.call('HGET', owners, id)
if owned then
  redis.call('ZREM', users, owned)
  redis.call('HDEL', owners, id)
end
return math.min(removed, 1)`,
})
