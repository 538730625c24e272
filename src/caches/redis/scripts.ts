import { OFFSETS, WIDTHS } from '../../drivers/redis/record-format.js'
import { defineEachScript, defineScript } from '../../drivers/redis/script.js'
import { UNKNOWN_RUN } from './server-run.js'

// Each script touches one key, or, outside of a Cluster, does the same for several one after the
// other, and may run twice (a client that resends what it got no answer to) with the same end.
// Plain Redis 6.2: neither SET … NX GET nor PEXPIRE … GT, which came with 7.0.

const slice = (name: keyof typeof WIDTHS) => `${OFFSETS[name] + 1}, ${OFFSETS[name] + WIDTHS[name]}`

/**
 * What is held, without its payload: `kind` is `L`, `T`, `F`, or empty for nothing and for what is
 * no value of this id, and `heldVersion` a number wherever `kind` is `L` or `T`. What is no string
 * was never ours, and is deleted: it would refuse every script for good. A record is `isDoubtful`
 * that another run of the server took in (protocol rule 9).
 */
const look = /* lua */ `
local header = redis.pcall('GETRANGE', record, 0, ${OFFSETS.end - 1})
if type(header) == 'table' then
  if not string.find(header.err, 'WRONGTYPE', 1, true) then return header end
  redis.call('DEL', record)
  header = ''
end
local kind, heldVersion = string.sub(header, 1, 1), tonumber(string.sub(header, ${slice('version')}))
if string.sub(header, ${slice('check')}) ~= check or (kind ~= 'F' and not heldVersion) then kind = '' end
`

const lookForRun = /* lua */ `${look}
local heldToken = string.sub(header, ${OFFSETS.version + 1})
local isDoubtful = kind == 'L' and run ~= '${UNKNOWN_RUN}' and string.sub(header, ${slice('run')}) ~= run
`

/** Tells every process with a near cache; where that is not allowed, none has one. */
const tell = /* lua */ `redis.pcall('PUBLISH', channel, message)`

/** The server's time, as wide as its field. */
const timeNow = /* lua */ `
local time = redis.call('TIME')
local confirmedAt = string.format('%0${WIDTHS.confirmedAt}.0f', time[1] * 1000 + math.floor(time[2] / 1000))
`

/**
 * Places a fill's token where nothing is held that can be believed, and returns nothing; else
 * returns the value that is held. The token stands there with the run in which it was placed.
 */
export const reserve = defineScript({
  keys: ['record'],
  args: ['check', 'run', 'token', 'ttl'],
  source: /* lua */ `${lookForRun}
if kind == 'F' and heldToken == run .. token then return false end
if kind ~= '' and not isDoubtful then return redis.call('GET', record) end
redis.call('SET', record, 'F' .. check .. run .. token, 'PX', ttl)
return false`,
})

/** Whether the record held is the very commit that is put: after a failover two may share a version. */
const isSameCommit = /* lua */ `string.sub(header, ${slice('writeId')}) == string.sub(head, ${slice('writeId')})`

/**
 * Holds records, each unless something newer is held; returns the outcome of each (protocol rules 2
 * and 3). No token: an update, which others are told of whatever comes of it. It leaves the lease as
 * it is: its commit may have been long ago.
 */
export const put = defineEachScript({
  shared: ['channel', 'message'],
  key: 'record',
  args: ['check', 'run', 'token', 'version', 'head', 'payload', 'ttl'],
  before: /* lua */ `${timeNow}
if message ~= '' then ${tell} end`,
  source: /* lua */ `${lookForRun}
if kind == 'T' then return 'gone' end
local stampedAt = confirmedAt
if token ~= '' then
  if kind ~= 'F' or run == '${UNKNOWN_RUN}' or heldToken ~= run .. token then return 'lost' end
else
  if kind == '' then return 'absent' end
  local isOther = heldVersion == tonumber(version) and not (${isSameCommit})
  if kind == 'F' or isDoubtful or isOther then
    redis.call('DEL', record)
    return 'unfilled'
  end
  if heldVersion >= tonumber(version) then return 'newer' end
  stampedAt = string.sub(header, ${slice('confirmedAt')})
end
if tonumber(ttl) <= 0 then
  redis.call('DEL', record)
  return 'absent'
end
redis.call('SET', record, head .. stampedAt .. run .. payload, 'PX', ttl)
return 'ok'`,
})

/**
 * Stamps a record with the time, or holds another in its place, if it is exactly what was read
 * (protocol rule 10). PEXPIRE comes first, as in `touch`.
 */
export const confirm = defineScript({
  keys: ['record'],
  args: ['check', 'run', 'seen', 'version', 'head', 'payload', 'ttl', 'channel', 'message'],
  source: /* lua */ `${lookForRun}
if header ~= seen or isDoubtful or tonumber(ttl) <= 0 then return 'moved' end
${timeNow}
if heldVersion == tonumber(version) and ${isSameCommit} then
  redis.call('PEXPIRE', record, math.max(tonumber(ttl), redis.call('PTTL', record)))
  redis.call('SETRANGE', record, ${OFFSETS.confirmedAt}, confirmedAt)
  return 'ok'
end
redis.call('SET', record, head .. confirmedAt .. run .. payload, 'PX', ttl)
${tell}
return 'ok'`,
})

/**
 * Leaves a tombstone, of the higher version and for the longer time. A Redis out of memory refuses
 * a script's SET, but not after the script has written once: deleting first makes room, and makes
 * it hold the tombstone even then.
 */
export const bury = defineScript({
  keys: ['record'],
  args: ['check', 'version', 'ttl', 'channel', 'message'],
  source: /* lua */ `${look}
local longest = math.max(tonumber(ttl), redis.call('PTTL', record))
local highest = version
if (kind == 'L' or kind == 'T') and heldVersion > tonumber(version) then
  highest = string.sub(header, ${slice('version')})
end
redis.call('DEL', record)
redis.call('SET', record, 'T' .. check .. highest, 'PX', longest)
${tell}`,
})

/** Forgets whatever is held, but for a tombstone and a record above the version. */
export const forget = defineScript({
  keys: ['record'],
  args: ['check', 'version', 'channel', 'message'],
  source: /* lua */ `${look}
${tell}
if kind == 'T' or (kind == 'L' and heldVersion > tonumber(version)) then return end
redis.call('DEL', record)`,
})

/**
 * Moves a record's expiry later, or forgets a record that is doubtful or below the version; one
 * above it may be meant to end sooner. PEXPIRE comes first, because a Redis out of memory refuses SETRANGE as a script's first write.
 */
export const touch = defineScript({
  keys: ['record'],
  args: ['check', 'run', 'version', 'expiresAt', 'ttl', 'channel', 'message'],
  source: /* lua */ `${lookForRun}
if kind ~= 'L' then return end
if isDoubtful or heldVersion < tonumber(version) then
  redis.call('DEL', record)
  ${tell}
  return
end
if heldVersion > tonumber(version) or string.sub(header, ${slice('expiresAt')}) >= expiresAt then return end
redis.call('PEXPIRE', record, math.max(tonumber(ttl), redis.call('PTTL', record)))
redis.call('SETRANGE', record, ${OFFSETS.expiresAt}, expiresAt)`,
})
