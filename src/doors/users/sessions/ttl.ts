import { InvalidOptionError } from '../../../core/errors.js'
import { MAX_LIFETIME } from '../../../core/expiry.js'

/**
 * A lifetime in seconds as ms; a longer one than a hundred years is cut to that.
 *
 * @throws {@link InvalidOptionError} for anything but a number of at least 1.
 */
export function fromSeconds(ttlSeconds: unknown): number {
  if (typeof ttlSeconds !== 'number' || !(ttlSeconds >= 1)) {
    throw new InvalidOptionError('ttlSeconds', 'must be a number of seconds, at least 1')
  }
  return Math.min(Math.round(ttlSeconds * 1000), MAX_LIFETIME)
}
