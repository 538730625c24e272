import type {
  Change,
  ListQuery,
  NotedRepair,
  Repair,
  Revocation,
  Touch,
} from '../../core/ledger.js'
import type { Context } from '../../core/session-id.js'
import { isPackable, isPackableId, pack } from './packed.js'
import type { SqlValue } from '../../drivers/postgres/sql-client.js'

type Parameters = readonly SqlValue[]

/*
 * The parameters of statements.ts, in its order. Each list travels as one array a column. No array
 * holds a null, which not every driver can send: an empty text or a 0 stands for it.
 */

/** For `commit`. */
export function commitParameters(context: Context, changes: readonly Change[]): Parameters {
  return [
    context,
    changes.map(({ id }) => id),
    changes.map(({ base }) => base?.version ?? 0),
    changes.map(({ base }) => base?.writeId ?? ''),
    changes.map(({ above }) => above),
    changes.map(({ writeId }) => writeId),
    changes.map(({ data }) => data),
    changes.map(({ ttl }) => toMs(ttl)),
    changes.map(({ userId }) => userId ?? ''),
    changes.map(({ device }) => device?.ip ?? ''),
    changes.map(({ device }) => device?.userAgent ?? ''),
    changes.map(({ absoluteTtl }) => (absoluteTtl === undefined ? 0 : toMs(absoluteTtl))),
    changes.map(({ repair }) => repair),
  ]
}

/** A change of a session that was loaded. */
export type Update = Change & { readonly base: NonNullable<Change['base']> }

/**
 * Whether `update` can do it. Of a new session, or one for a repair, there is more to do; and not
 * every text fits into a list.
 */
export function isUpdate(change: Change): change is Update {
  const { base, repair, id, data, userId = '' } = change
  if (base === undefined || repair) return false
  return isPackableId(id) && [base.writeId, data, userId].every(isPackable)
}

/** For `update`. */
export function updateParameters(updates: readonly Update[]): Parameters {
  return [
    pack(updates.map(({ id }) => id)),
    pack(updates.map(({ base }) => base.version)),
    pack(updates.map(({ base }) => base.writeId)),
    pack(updates.map(({ above }) => above)),
    pack(updates.map(({ writeId }) => writeId)),
    pack(updates.map(({ data }) => data)),
    pack(updates.map(({ ttl }) => toMs(ttl))),
    pack(updates.map(({ userId }) => userId ?? '')),
  ]
}

/** For `updateOne`. */
export function updateOneParameters(update: Update): Parameters {
  const { id, base, above, writeId, data, ttl, userId = '' } = update
  return [id, base.version, base.writeId, above, writeId, data, toMs(ttl), userId]
}

/** For `touch`. */
export function touchParameters(touches: readonly Touch[]): Parameters {
  return [pack(touches.map(({ id }) => id)), pack(touches.map(({ ttl }) => toMs(ttl)))]
}

/** For `revoke`. */
export function revokeParameters(context: Context, revocations: readonly Revocation[]): Parameters {
  return [
    context,
    revocations.map(({ id }) => id),
    revocations.map(({ reason }) => reason),
    revocations.map(({ absentTtl }) => toMs(absentTtl)),
    revocations.map(({ repair }) => repair),
  ]
}

/** For `list`, or with a user for `listOfUser`. */
export function listParameters(context: Context, { userId, after, limit }: ListQuery): Parameters {
  const page = [context, after ?? '', limit]
  return userId === undefined ? page : [...page, userId]
}

/** For `noteRepairs`. */
export function noteParameters(context: Context, repairs: readonly Repair[]): Parameters {
  return [context, ...namesOf(repairs)]
}

/** For `settleRepairs`. */
export function settleParameters(repairs: readonly NotedRepair[]): Parameters {
  return [...namesOf(repairs), repairs.map(({ notedAt }) => notedAt)]
}

function namesOf(repairs: readonly Repair[]): Parameters {
  return [repairs.map(({ id }) => id), repairs.map(({ version }) => version)]
}

/**
 * Whole milliseconds, of at most ten thousand years: a later date is clamped by the statement, a
 * longer number overflows.
 */
function toMs(ttl: number): number {
  return Math.ceil(Math.min(ttl, 10_000 * 366 * 86_400_000))
}
