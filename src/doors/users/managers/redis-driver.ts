import { warnOnce } from '../environment.js'

/**
 * Whether ioredis is what it is to be. A bundler that takes server code for the browser's, as
 * Turbopack may in Next's development, leaves an empty module in its place: that is told once.
 */
export async function isRedisDriverThere(): Promise<boolean> {
  const driver = await loadDriver()
  if (driver === undefined || typeof driver.Redis === 'function') return true
  warnOnce('HOLDFAST_EMPTY_IOREDIS', EMPTY)
  return false
}

/** That it is not installed is told by whoever opens Redis. */
async function loadDriver(): Promise<{ readonly Redis?: unknown } | undefined> {
  try {
    return await import('ioredis')
  } catch {
    return undefined
  }
}

const EMPTY =
  "ioredis was resolved to an empty module, and sessions go on without Redis. Add serverExternalPackages: ['holdfast', 'ioredis'] to next.config (docs/troubleshooting/turbopack-ioredis-leak.md)"
