import { toMilliseconds, type Duration } from './duration.js'
import { InvalidOptionError } from './errors.js'
import { checkOptions, integerIn, type Check, type Checks } from './options.js'

/** How much the in-process cache may hold, and for how long. */
export interface NearOptions {
  /** How many sessions are remembered at most. Default: `10_000`. */
  readonly maxEntries?: number

  /**
   * How long a session is remembered after it was read, at most `'5s'`: it bounds what a message
   * that was lost can do. Default: `'2s'`.
   */
  readonly maxAge?: Duration
}

/** {@link NearOptions} with defaults filled in, and the duration in ms. */
export interface NearSettings {
  readonly maxEntries: number
  readonly maxAge: number
}

const LONGEST_AGE = 5_000

const nearChecks: Checks<NearOptions> = {
  maxEntries: integerIn(1, 1_000_000),
  maxAge: (value) => {
    const ms = toMilliseconds(value)
    return ms !== undefined && ms >= 1 && ms <= LONGEST_AGE
      ? undefined
      : "must be a duration from 1 ms to 5 s, like 2000 or '2s'"
  },
}

/** `true`, `false`, or {@link NearOptions}. */
export const aNear: Check = (value) => {
  if (typeof value === 'boolean') return undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'must be true, false, or { maxEntries, maxAge }'
  }
  try {
    checkOptions(value, nearChecks)
    return undefined
  } catch (error) {
    if (error instanceof InvalidOptionError) return `has a problem: ${error.message}`
    throw error
  }
}

/** Fills in the defaults of an option that was checked; `undefined` where it is off. */
export function toNearSettings(near: boolean | NearOptions = false): NearSettings | undefined {
  if (near === false) return undefined
  const { maxEntries = 10_000, maxAge = '2s' } = near === true ? {} : near
  return Object.freeze({ maxEntries, maxAge: toMilliseconds(maxAge) ?? NaN })
}
