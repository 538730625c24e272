import type { CacheCheck } from './cache-contract/cache-check.js'
import { confirms } from './cache-contract/confirms.js'
import { endings } from './cache-contract/endings.js'
import { expiries } from './cache-contract/expiries.js'
import { fills } from './cache-contract/fills.js'
import { payloads } from './cache-contract/payloads.js'
import { puts } from './cache-contract/puts.js'

export type { CacheCheck, OpenCache } from './cache-contract/cache-check.js'

/**
 * What every {@link SessionCache} promises, as data: run each check in the test runner at hand. A
 * check waits for 50 ms at most, and fails with an `AssertionError`.
 */
export const cacheContract: readonly CacheCheck[] = [
  ...puts,
  ...fills,
  ...confirms,
  ...endings,
  ...expiries,
  ...payloads,
]
