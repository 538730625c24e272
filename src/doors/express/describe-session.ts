import { carriedBy } from './carry.js'

/** What is known of a session beside what is in it. Nothing of it is secret. */
export interface SessionDescription {
  /** The id that lists show and `revoke` takes; never the cookie's. */
  readonly publicId: string

  /**
   * Which tier it was read from: `redis`, `postgres`, `memory`; `undefined` for one that this
   * request began.
   */
  readonly tier: string | undefined

  /** Its version when this request last read or saved it. */
  readonly version: number
}

/**
 * Describes a request's session; `undefined` for one that is not stored, or not in a store of this
 * package.
 */
export function describeSession(session: object): SessionDescription | undefined {
  const carried = carriedBy(session)
  const base = carried?.cursor.base
  if (!carried || typeof base !== 'object') return undefined
  const { id, tier } = carried
  return { publicId: id, tier, version: base.version }
}
