import { InvalidOptionError } from '../../core/errors.js'
import { checkContext } from '../../core/options.js'
import type { Context, SessionId } from '../../core/session-id.js'

/** The names under which Redis holds a context's sessions, and what finds them. */
export interface LedgerKeys {
  /** The key of one session, or of its tombstone. */
  readonly record: (id: SessionId) => string

  /** Sorted sets of ids by expiry: of sessions, and of tombstones. */
  readonly live: string
  readonly dead: string

  /** A sorted set of the ids of sessions, by code points. */
  readonly ids: string

  /** A sorted set of `<user>\0<id>`, by code points. */
  readonly users: string

  /** A hash: of an id, what stands for it in `users`. */
  readonly owners: string

  /** What a cache could not be told: a sorted set of ids by time, and a hash of their versions. */
  readonly notes: string
  readonly noted: string

  /** A key that is there while a change that was made may be sent again by a client. */
  readonly done: (writeId: string) => string

  /** A set, the same for all: the contexts that there are. */
  readonly contexts: string
}

/**
 * Names keys `<prefix><context>@…`. A cache's begin with the same prefix, and with a context and a
 * colon: no context has an `@`, so that a ledger and a cache in one Redis share no key.
 */
export function createLedgerKeys(prefix: string, context: Context): LedgerKeys {
  checkContext(context)
  const beginning = `${prefix}${context}@`
  return Object.freeze({
    record: (id: SessionId) => `${beginning}session:${id}`,
    live: `${beginning}live`,
    dead: `${beginning}dead`,
    ids: `${beginning}ids`,
    users: `${beginning}users`,
    owners: `${beginning}owners`,
    notes: `${beginning}notes`,
    noted: `${beginning}noted`,
    done: (writeId: string) => `${beginning}done:${writeId}`,
    contexts: `${prefix}@contexts`,
  })
}

/** What stands for a session in {@link LedgerKeys.users}; empty for one that is nobody's. */
export function toOwned(userId: string | undefined, id: string): string {
  return userId === undefined ? '' : `${userId}\0${id}`
}

/**
 * A session and what finds it change in one script, whose keys a Cluster wants in one slot: only a
 * hash tag, which all of them begin with, puts them there.
 *
 * @throws InvalidOptionError where the client is a Cluster's and the prefix has none.
 */
export function checkHashTag(client: object, prefix: string): void {
  const isCluster = 'nodes' in client && typeof client.nodes === 'function'
  if (!isCluster || hasHashTag(prefix)) return
  throw new InvalidOptionError(
    'prefix',
    "needs a hash tag, such as '{session}:', where a Redis Cluster is the ledger",
  )
}

/** As Redis finds it: between the first `{` and the first `}` behind that, if anything is there. */
function hasHashTag(prefix: string): boolean {
  const start = prefix.indexOf('{')
  return start >= 0 && prefix.indexOf('}', start) > start + 1
}
