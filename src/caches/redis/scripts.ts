import { OFFSETS, WIDTHS } from './record-format.js'
import { defineScript } from './script.js'

// Each script touches one key, so that a Cluster needs nothing special, and may run twice (a client
// that resends what it got no answer to) with the same end. Plain Redis 6.2: neither SET … NX GET
// nor PEXPIRE … GT, which came with 7.0.

const slice = (name: keyof typeof WIDTHS) => `${OFFSETS[name] + 1}, ${OFFSETS[name] + WIDTHS[name]}`

/**
 * What is held, without its payload: `kind` is `L`, `T`, `F`, or empty for nothing and for what is
 * no value of this id, and `heldVersion` a number wherever `kind` is `L` or `T`.
 */
const look = /* lua */ `
local header = redis.call('GETRANGE', record, 0, ${OFFSETS.end - 1})
local kind, heldVersion = string.sub(header, 1, 1), tonumber(string.sub(header, ${slice('version')}))
if string.sub(header, ${slice('check')}) ~= check or (kind ~= 'F' and not heldVersion) then kind = '' end
local heldToken = string.sub(header, ${OFFSETS.version + 1})
`

/**
 * Places a fill's token where nothing is held, and returns nothing; else returns the value that is
 * held.
 */
export const reserve = defineScript({
  keys: ['record'],
  args: ['check', 'token', 'ttl'],
  source: /* lua */ `${look}
if kind == 'F' and heldToken == token then return false end
if kind ~= '' then return redis.call('GET', record) end
redis.call('SET', record, 'F' .. check .. token, 'PX', ttl)
return false`,
})

/**
 * Holds a record unless something newer is held; returns the outcome (protocol rules 2 and 3). No
 * token: an update.
 */
export const put = defineScript({
  keys: ['record'],
  args: ['check', 'token', 'version', 'head', 'payload', 'ttl'],
  source: /* lua */ `${look}
if kind == 'T' then return 'gone' end
if token ~= '' then
  if kind ~= 'F' or heldToken ~= token then return 'lost' end
elseif kind == 'F' then
  redis.call('DEL', record)
  return 'unfilled'
elseif kind == '' then
  return 'absent'
elseif heldVersion >= tonumber(version) then
  return 'newer'
end
if tonumber(ttl) <= 0 then
  redis.call('DEL', record)
  return 'absent'
end
local time = redis.call('TIME')
local confirmedAt = time[1] * 1000 + math.floor(time[2] / 1000)
local stamp = string.format('%0${WIDTHS.confirmedAt}.0f', confirmedAt)
redis.call('SET', record, head .. stamp .. payload, 'PX', ttl)
return 'ok'`,
})

/**
 * Leaves a tombstone, of the higher version and for the longer time. A Redis out of memory refuses
 * a script's SET, but not after the script has written once: deleting first makes room, and makes
 * it hold the tombstone even then.
 */
export const bury = defineScript({
  keys: ['record'],
  args: ['check', 'version', 'ttl'],
  source: /* lua */ `${look}
local longest = math.max(tonumber(ttl), redis.call('PTTL', record))
local highest = version
if (kind == 'L' or kind == 'T') and heldVersion > tonumber(version) then
  highest = string.sub(header, ${slice('version')})
end
redis.call('DEL', record)
redis.call('SET', record, 'T' .. check .. highest, 'PX', longest)`,
})

/** Forgets whatever is held, but for a tombstone and a record above the version. */
export const forget = defineScript({
  keys: ['record'],
  args: ['check', 'version'],
  source: /* lua */ `${look}
if kind == 'T' or (kind == 'L' and heldVersion > tonumber(version)) then return end
redis.call('DEL', record)`,
})

/**
 * Moves a record's expiry later, or forgets a record below the version. PEXPIRE comes first,
 * because a Redis out of memory refuses SETRANGE as a script's first write.
 */
export const touch = defineScript({
  keys: ['record'],
  args: ['check', 'version', 'expiresAt', 'ttl'],
  source: /* lua */ `${look}
if kind ~= 'L' then return end
if heldVersion < tonumber(version) then
  redis.call('DEL', record)
  return
end
if string.sub(header, ${slice('expiresAt')}) >= expiresAt then return end
redis.call('PEXPIRE', record, math.max(tonumber(ttl), redis.call('PTTL', record)))
redis.call('SETRANGE', record, ${OFFSETS.expiresAt}, expiresAt)`,
})
