/**
 * The five characters by which Postgres names an error (its manual, appendix A), or `undefined` where the error is not
 * Postgres's own: a lost connection, a closed client.
 *
 * It is `code` in what `pg` and PGlite throw. Prisma wraps it: `meta.driverAdapterError.cause.originalCode` behind a driver
 * adapter, `meta.code` behind the Rust engine of Prisma 5 and 6.
 */
export function sqlStateOf(error: unknown): string | undefined {
  const meta = field(error, 'meta')
  const adapterError = field(field(meta, 'driverAdapterError'), 'cause')
  const candidates = [
    field(adapterError, 'originalCode'),
    field(adapterError, 'code'),
    field(meta, 'code'),
    field(field(error, 'cause'), 'originalCode'),
    field(error, 'code'),
  ]
  return candidates.find(isSqlState)
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}

/** Five digits or capitals. Prisma's own codes, such as P2010, look the same; Postgres has only P0 in that letter. */
function isSqlState(value: unknown): value is string {
  return typeof value === 'string' && /^(?!P[1-9])[0-9A-Z]{5}$/.test(value)
}
