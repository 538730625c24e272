import { InvalidOptionError } from '../../core/errors.js'
import { checkContext } from '../../core/options.js'
import type { Context, SessionId } from '../../core/session-id.js'

/** What names a cache's keys. */
export interface KeyOptions {
  /** What every key begins with. */
  readonly prefix: string
  readonly context: Context

  /** The ledger's schema and table, where they were chosen: two ledgers never share a key. */
  readonly schema?: string | undefined
  readonly table?: string | undefined
}

/** The names under which Redis holds a context's sessions. */
export interface Keys {
  /** What all keys of this context begin with. */
  readonly prefix: string

  /** The key of one session. */
  record(id: SessionId): string
}

/**
 * Names keys `<prefix><context>:<id>`, or `<prefix><schema>.<table>:<context>:<id>` where a schema
 * or a table is given. No two places share a name: a context has neither dot nor colon, and those
 * in schema and table are percent-encoded.
 *
 * @throws InvalidOptionError for a `prefix` or `context` that can not be one.
 */
export function createKeys({ prefix, context, schema, table }: KeyOptions): Keys {
  if (typeof prefix !== 'string') throw new InvalidOptionError('prefix', 'must be a string')
  checkContext(context)
  const place = schema === undefined && table === undefined ? '' : `${part(schema)}.${part(table)}:`
  const beginning = `${prefix}${place}${context}:`
  return Object.freeze({ prefix: beginning, record: (id: SessionId) => beginning + id })
}

/** The channel on which everybody is told of what changed under these keys. */
export function busChannel({ prefix }: Pick<Keys, 'prefix'>): string {
  return `${prefix}bus`
}

function part(identifier = ''): string {
  return encodeURIComponent(identifier).replaceAll('.', '%2E')
}
