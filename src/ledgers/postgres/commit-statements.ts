import type { Tables } from '../../drivers/postgres/identifiers.js'
import { note } from './note-statement.js'
import { packedRows, unpacked } from './packed.js'
import { lockedFirst, rowsInOrder } from './row-order.js'
import { CLOCK, fromNow, hour, ms, NOW } from '../../drivers/postgres/sql-times.js'

/** What is told of a row that was written or read. */
export const STORED = `s."sessionId" as id, s.version,
         ${ms('s."expiresAt"')} as expires_at, ${ms('s."absoluteExpiresAt"')} as absolute_at`

/**
 * A base's `writeId` is compared as text, an empty one with a row that has none: whatever a cache
 * says that it is, it is no reason to refuse the batch.
 */
const IS_BASE = `s.version = i.base and coalesce(s."writeId"::text, '') = i.base_write_id`

const MAY_BE_UPDATED = `${IS_BASE} and s."revokedAt" is null and s."expiresAt" > ${NOW}`

/**
 * What is held is locked first in the order of the ids, which is that of updates and touches, also
 * where an insert will meet it; and compared under the lock. Rows are looked up one after the other,
 * in the input's order: a plain join of a full batch reads the whole table, up to some ten thousand
 * rows.
 */
export function commit({ sessions, repairs }: Tables): string {
  return `
with input as materialized (
  select id, base, base_write_id, above, write_id::uuid as write_id, data, nullif(user_id, '') as user_id,
         nullif(ip, '') as ip, nullif(user_agent, '') as user_agent, ${fromNow('ttl')} as expires_at,
         case when absolute_ttl > 0 then ${fromNow('absolute_ttl')} end as absolute_at, repair
    from unnest($2::text[], $3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::bigint[], $9::text[],
                $10::text[], $11::text[], $12::bigint[], $13::bool[])
      as t(id, base, base_write_id, above, write_id, data, ttl, user_id, ip, user_agent, absolute_ttl, repair)
   order by id collate "C"),
${lockedFirst(sessions, `(i.base = 0 or (${MAY_BE_UPDATED}))`)}
updated as (
  update ${sessions} s
     set version = greatest(s.version, i.above) + 1, "writeId" = i.write_id, data = i.data, "userId" = i.user_id,
         "updatedAt" = ${NOW}, "expiresAt" = least(i.expires_at, s."absoluteExpiresAt"),
         "expiryHour" = ${hour('least(i.expires_at, s."absoluteExpiresAt")')}
    from held i where s."sessionId" = i.id and i.base > 0
  returning ${STORED}),
inserted as (
  insert into ${sessions} as s ("sessionId", context, version, "writeId", data, "userId", ip, "userAgent",
         "createdAt", "updatedAt", "expiresAt", "absoluteExpiresAt", "expiryHour")
  select id, $1, above + 1, write_id, data, user_id, ip, user_agent, ${NOW}, ${NOW},
         least(expires_at, absolute_at), absolute_at, ${hour('least(expires_at, absolute_at)')}
    from input where base = 0
  on conflict ("sessionId") do update
     set version = greatest(s.version + 1, excluded.version), "writeId" = excluded."writeId", data = excluded.data,
         "userId" = excluded."userId", ip = excluded.ip, "userAgent" = excluded."userAgent", "createdAt" = excluded."createdAt",
         "updatedAt" = excluded."updatedAt", "expiresAt" = excluded."expiresAt",
         "absoluteExpiresAt" = excluded."absoluteExpiresAt", "expiryHour" = excluded."expiryHour",
         "revokedAt" = null, "revokedReason" = null
   where s."expiresAt" <= ${NOW}
  returning ${STORED}),
written as (select * from updated union all select * from inserted),
noted as (${note(repairs, 'select id, $1::text, w.version from written w join input i using (id) where i.repair')})
select clock.now, w.* from (${CLOCK}) clock left join written w on true`
}

/** What an update makes of a row; `i` is the input. */
function assignments(expiresAt: string): string {
  return `version = greatest(s.version, i.above) + 1, "writeId" = i.write_id::uuid, data = i.data,
         "userId" = nullif(i.user_id, ''), "updatedAt" = ${NOW}, "expiresAt" = ${expiresAt}, "expiryHour" = ${hour(expiresAt)}`
}

const EXPIRES_AT = `least(${fromNow('i.ttl')}, s."absoluteExpiresAt")`

/** The version is known to whoever sent it: it is compared before it is moved on. */
const TIMES = [ms('s."expiresAt"'), ms('s."absoluteExpiresAt"')] as const

/**
 * What most commits are: sessions that were loaded, and no cache that has to be told later. It does
 * what {@link commit} does with those, in half of the time: planning that one takes longer than
 * running it.
 */
export function update(tables: Tables, isLarge: boolean): string {
  const columns = ['text', 'int', 'text', 'int', 'text', 'text', 'bigint', 'text'] as const
  const lists = columns.map((type, index) => unpacked(`$${index + 1}`, type))
  const { ctes, from } = rowsInOrder(tables, MAY_BE_UPDATED, isLarge)
  return `
with input as materialized (
  select * from unnest(${lists.join(', ')})
      as t(id, base, base_write_id, above, write_id, data, ttl, user_id)
   order by id collate "C"),
${ctes}
updated as (
  update ${tables.sessions} s
     set ${assignments(EXPIRES_AT)}
    from ${from}
  returning s."sessionId", s."expiresAt", s."absoluteExpiresAt")
select (${CLOCK}) as now, ${packedRows(['s."sessionId"', ...TIMES])} as packed from updated s`
}

/** The same for a lone session: a batch of one costs half as much again. */
export function updateOne({ sessions }: Tables): string {
  const [expiresAt, absoluteExpiresAt] = TIMES
  return `
update ${sessions} s
   set ${assignments(EXPIRES_AT)}
  from (select $1::text as id, $2::int as base, $3::text as base_write_id, $4::int as above, $5::text as write_id,
               $6::text as data, $7::bigint as ttl, $8::text as user_id) i
 where s."sessionId" = i.id and ${MAY_BE_UPDATED}
returning ${expiresAt} as expires_at, ${absoluteExpiresAt} as absolute_at, ${ms('clock_timestamp()')} as now`
}
