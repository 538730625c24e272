import { MAX_VERSION } from '../../core/ledger.js'
import type { Tables } from '../../drivers/postgres/identifiers.js'
import { commit, STORED, update, updateOne } from './commit-statements.js'
import { note } from './note-statement.js'
import { packedRows, unpacked, werePackable } from './packed.js'
import { rowsInOrder } from './row-order.js'
import { CLOCK, fromNow, hour, ms, NOW } from '../../drivers/postgres/sql-times.js'

/** Every text that the ledger sends, made once; what varies travels as parameters. */
export type Statements = Readonly<ReturnType<typeof createStatements>>

/** The statements over these tables. Parameters are named in parameters.ts, in the same order. */
export function createStatements(tables: Tables) {
  return Object.freeze({
    check: check(tables),
    read: read(tables),
    readRows: readRows(tables),
    commit: commit(tables),
    update: update(tables, false),
    updateLarge: update(tables, true),
    updateOne: updateOne(tables),
    touch: touch(tables, false),
    touchLarge: touch(tables, true),
    revoke: revoke(tables),
    list: list(tables, ''),
    listOfUser: list(tables, 'and "userId" = $4'),
    stats: stats(tables),
    findExpired: findExpired(tables),
    sweep: sweep(tables),
    noteRepairs: noteRepairs(tables),
    pendingRepairs: pendingRepairs(tables),
    settleRepairs: settleRepairs(tables),
  })
}

/**
 * From so many bytes on no plan reads all of a table for what a batch asks, 128 pages, if Postgres
 * does not believe that it is next to empty.
 */
const LARGE = 1_048_576
const MANY = 1000

/** Whether the table is so large that plans may be kept, and look up one id after the other. */
function isLargeTable(sessions: string): string {
  return `(select pg_relation_size(oid) >= ${LARGE} and (reltuples < 0 or reltuples >= ${MANY})
            from pg_class where oid = '${sessions}'::regclass)`
}

/** Fails where a table or a column is missing, and reads nothing. */
function check({ sessions, repairs }: Tables): string {
  return `
select ${isLargeTable(sessions)} as large where not exists (
select "sessionId", s.context, s.version, "writeId", data, "userId", ip, "userAgent", s."createdAt", "updatedAt",
       "expiresAt", "absoluteExpiresAt", "expiryHour", "revokedAt", "revokedReason"
  from ${sessions} s join ${repairs} r using ("sessionId")
 where r.context is null or r.version is null or r."createdAt" is null
 limit 0)`
}

/** Where a text holds what separates rows, {@link readRows} gives them one by one. */
function read({ sessions }: Tables): string {
  return `
select (${CLOCK}) as now, ${werePackable('s.data')} as packable,
       ${packedRows(['s."sessionId"', 's.version', '(s."revokedAt" is not null)', ms('s."expiresAt"'), ms('s."absoluteExpiresAt"'), 's."writeId"', 's.data'])} as packed
  from ${sessions} s
 where s."sessionId" = any(${unpacked('$1', 'text')}) and s.context = $2 and s."expiresAt" > ${NOW}`
}

function readRows({ sessions }: Tables): string {
  return `
select clock.now, s.data, s."writeId"::text as write_id, s."revokedAt" is not null as revoked,
       ${STORED}
  from (${CLOCK}) clock
  left join ${sessions} s on s."sessionId" = any($1::text[]) and s.context = $2 and s."expiresAt" > ${NOW}`
}

/** A tombstone is told of, and keeps its lifetime. */
function touch(tables: Tables, isLarge: boolean): string {
  const { ctes, from } = rowsInOrder(tables, `s."expiresAt" > ${NOW}`, isLarge)
  const later = `least(greatest(s."expiresAt", ${fromNow('i.ttl')}), s."absoluteExpiresAt")`
  const expiresAt = `case when s."revokedAt" is null then ${later} else s."expiresAt" end`
  return `
with input as materialized (
  select i.* from (select set_config('synchronous_commit', 'off', true)) relaxed
   cross join unnest(${unpacked('$1', 'text')}, ${unpacked('$2', 'bigint')}) as i(id, ttl)
   order by id collate "C"),
${ctes}
touched as (
  update ${tables.sessions} s
     set "expiresAt" = ${expiresAt}, "expiryHour" = ${hour(expiresAt)}, "updatedAt" = ${NOW}
    from ${from}
  returning s."sessionId", s.version, s."revokedAt" is not null as revoked, s."expiresAt")
select (${CLOCK}) as now,
       ${packedRows(['t.version', 't.revoked', ms('t."expiresAt"'), 't."sessionId"'])} as packed
  from touched t`
}

/**
 * What is held is locked first, so that what it was is known. What the statement's snapshot could
 * not see yet, because it was inserted meanwhile, is met by the insert: it comes back with a
 * version above 1, and was live.
 */
function revoke({ sessions, repairs }: Tables): string {
  return `
with input as materialized (
  select id, left(reason, 200) as reason, absent_ttl, ${fromNow('absent_ttl')} as until, repair
    from unnest($2::text[], $3::text[], $4::bigint[], $5::bool[]) as t(id, reason, absent_ttl, repair)
   order by id collate "C"),
held as materialized (
  select s."sessionId" as id, s.version, s."revokedAt" is null as live, s."expiresAt" <= ${NOW} as expired
    from ${sessions} s join input i on s."sessionId" = i.id
   order by s."sessionId"
     for no key update of s),
ended as (
  update ${sessions} s
     set version = s.version + 1, "writeId" = null, data = '', "updatedAt" = ${NOW}, "revokedAt" = ${NOW},
         "revokedReason" = i.reason, "expiresAt" = greatest(s."expiresAt", i.until),
         "expiryHour" = ${hour('greatest(s."expiresAt", i.until)')}
    from held h join input i using (id)
   where s."sessionId" = h.id and h.live and not h.expired
  returning s."sessionId" as id, s.version),
placed as (
  insert into ${sessions} as s ("sessionId", context, version, data, "createdAt", "updatedAt", "expiresAt",
         "expiryHour", "revokedAt", "revokedReason")
  select id, $1, 1, '', ${NOW}, ${NOW}, until, ${hour('until')}, ${NOW}, reason
    from input i
   where absent_ttl > 0 and not exists (select from held h where h.id = i.id and not h.expired)
  on conflict ("sessionId") do update
     set version = s.version + 1, "writeId" = null, data = '', "updatedAt" = ${NOW}, "revokedAt" = ${NOW},
         "revokedReason" = excluded."revokedReason", "expiresAt" = greatest(s."expiresAt", excluded."expiresAt"),
         "expiryHour" = greatest(s."expiryHour", excluded."expiryHour")
   where s."revokedAt" is null or s."expiresAt" <= ${NOW}
  returning s."sessionId" as id, s.version),
noted as (${note(
    repairs,
    `select id collate "C", $1::text, ${MAX_VERSION} from input where repair and id in (select id from ended
      union all select id from placed union all select id from held where not live and not expired)`,
  )})
select id from ended
union all select id from placed where version > 1 and id not in (select id from held)`
}

function list({ sessions }: Tables, ofUser: string): string {
  return `
select "sessionId" as id, "userId" as user_id, ip, "userAgent" as user_agent,
       ${ms('"createdAt"')} as created_at, ${ms('"updatedAt"')} as updated_at, ${ms('"expiresAt"')} as expires_at
  from ${sessions}
 where context = $1 and "revokedAt" is null and "expiresAt" > ${NOW} and "sessionId" > $2 ${ofUser}
 order by "sessionId"
 limit $3::int`
}

function stats({ sessions }: Tables): string {
  const live = `"revokedAt" is null and "expiresAt" > ${NOW}`
  return `
select (count(*) filter (where ${live}))::float8 as active,
       (count(*) filter (where "revokedAt" is null and "expiresAt" <= ${NOW}))::float8 as expired,
       (count(*) filter (where "revokedAt" is not null))::float8 as revoked,
       (count(distinct "userId") filter (where ${live}))::float8 as users
  from ${sessions} where context = $1`
}

/** Where expired rows are; `expiryHour` chooses through the index, `expiresAt` decides. */
function findExpired({ sessions }: Tables): string {
  return `
select string_agg(place::text, ';') as places, ${isLargeTable(sessions)} as large from (
  select ctid as place from ${sessions} where "expiryHour" <= ${hour(NOW)} and "expiresAt" <= ${NOW}
   order by "expiryHour" limit $1::int) due`
}

/**
 * Deletes what is in these places, if it has expired: decided again under the lock, so that a touched
 * row stays, and so does what others hold; and where it is deleted, because partitions have the same
 * places. What is lost in a crash is swept again.
 */
function sweep({ sessions }: Tables): string {
  const lock = `hashtextextended('holdfast sweep ' || '${sessions}'::regclass::oid::text, 0)`
  return `
with sweeper as materialized (
  select pg_try_advisory_xact_lock(${lock}) as mine, set_config('synchronous_commit', 'off', true)),
removed as (
  delete from ${sessions} where "expiresAt" <= ${NOW} and ctid = any(array(
      select ctid from ${sessions}
       where (select mine from sweeper) and ctid = any(string_to_array($1, ';')::tid[]) and "expiresAt" <= ${NOW}
       limit $2::int for update skip locked))
  returning 1)
select mine, (select count(*) from removed)::float8 as removed from sweeper`
}

function noteRepairs({ repairs }: Tables): string {
  return note(
    repairs,
    'select id collate "C", $1::text, max(version) from unnest($2::text[], $3::int[]) as t(id, version) group by id',
  )
}

function pendingRepairs({ repairs }: Tables): string {
  return `
select "sessionId" as id, version, ${ms('"createdAt"')} as noted_at from ${repairs}
 where context = $1 order by "createdAt", "sessionId" limit $2::int`
}

function settleRepairs({ repairs }: Tables): string {
  return `
with held as materialized (
  select r."sessionId" as id
    from ${repairs} r join unnest($1::text[], $2::int[], $3::float8[]) as t(id, version, noted_at)
      on r."sessionId" = t.id and r.version = t.version and ${ms('r."createdAt"')} = t.noted_at
   order by r."sessionId"
     for update of r)
delete from ${repairs} r using held h where r."sessionId" = h.id`
}
