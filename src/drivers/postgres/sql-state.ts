/**
 * The five characters by which Postgres names an error (its manual, appendix A), or `undefined`
 * where the error is not Postgres's own: a lost connection, a closed client.
 *
 * It is `code` in what `pg` and PGlite throw. Prisma's P2010 wraps it:
 * `meta.driverAdapterError.cause.originalCode` behind a driver adapter, `meta.code` behind the Rust
 * engine of Prisma 5 and 6. Its P2034 stands for a write conflict or a deadlock.
 */
export function sqlStateOf(error: unknown): string | undefined {
  const meta = field(error, 'meta')
  const adapterError = field(field(meta, 'driverAdapterError'), 'cause')
  const candidates = [
    field(adapterError, 'originalCode'),
    field(adapterError, 'code'),
    field(meta, 'code'),
    field(error, 'code'),
  ]
  const state = candidates.find(isSqlState)
  return state === undefined && field(error, 'code') === 'P2034' ? '40001' : state
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/**
 * The classes that Postgres has: two digits and few others. `EPIPE` and `P2010` look much the same,
 * and are none.
 */
function isSqlState(value: unknown): value is string {
  return typeof value === 'string' && /^([0-9][0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/.test(value)
}
