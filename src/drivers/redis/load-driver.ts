import type { Redis } from 'ioredis'
import { InvalidOptionError } from '../../core/errors.js'

/**
 * The class of clients that open Redis by its URL.
 *
 * @throws InvalidOptionError where ioredis is not installed, or a bundler has left it out.
 */
export async function loadRedisDriver(): Promise<typeof Redis> {
  try {
    const driver = await import('ioredis')
    if (typeof driver.Redis === 'function') return driver.Redis
  } catch (cause) {
    throw Object.assign(
      new InvalidOptionError('redis', 'is a URL, which needs ioredis: npm install ioredis'),
      { cause },
    )
  }
  throw new InvalidOptionError('redis', EMPTY_DRIVER)
}

/** A bundler that takes server code for the browser's leaves drivers out. */
const EMPTY_DRIVER =
  'is a URL, which needs ioredis, and ioredis was resolved to an empty module: keep it out of the bundle (serverExternalPackages in Next)'
