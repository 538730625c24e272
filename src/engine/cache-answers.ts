import type { PutOutcome } from '../core/cache.js'

/**
 * The cache did not answer: it was not asked, because it is left alone (`open`), has just come back
 * (`ramp`) or was not told what it must know of this session (`untold`); it did not in time (`late`),
 * or failed.
 */
export interface Unreached {
  readonly kind: 'unreached'
  readonly reason: 'open' | 'ramp' | 'untold' | 'late' | 'failed'
}

/**
 * What became of a put through the guard. `forgotten`: it failed, and what was held is forgotten; it
 * is not known whether that is a tombstone. `untold`: the cache may now hold an older record.
 */
export type ToldOutcome = PutOutcome | 'forgotten' | 'untold'

/** Whether the cache was told; `unknown`: it was asked, and may have done it without an answer. */
export type Told = 'told' | 'unknown' | 'untold'
