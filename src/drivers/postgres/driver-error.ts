/**
 * Takes off a driver's error what was sent, or was to be stored: `detail` may be a whole row
 * ("Failing row contains …"), `where` names parameters, and PGlite adds them all. Prisma has the same
 * in `meta.driverAdapterError.cause`. Otherwise the error stays as it is.
 */
export function withoutData(error: unknown): unknown {
  const meta = toFields(error)['meta']
  const adapterError = toFields(meta)['driverAdapterError']
  for (const each of [error, adapterError, toFields(adapterError)['cause']]) {
    const fields = toFields(each)
    for (const name of TELLING) {
      if (fields[name] !== undefined) Reflect.set(fields, name, undefined)
    }
  }
  return error
}

const TELLING = ['detail', 'where', 'params', 'parameters'] as const

function toFields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
