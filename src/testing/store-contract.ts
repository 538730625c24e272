import { callbacks } from './store-contract/callbacks.js'
import { contents } from './store-contract/contents.js'
import { cookies } from './store-contract/cookies.js'
import { endings } from './store-contract/endings.js'
import { identifiers } from './store-contract/identifiers.js'
import { lifetimes } from './store-contract/lifetimes.js'
import { lists } from './store-contract/lists.js'
import { merges } from './store-contract/merges.js'
import { options } from './store-contract/options.js'
import { requests } from './store-contract/requests.js'
import type { StoreCheck } from './store-contract/store-check.js'
import { touches } from './store-contract/touches.js'
import { upkeep } from './store-contract/upkeep.js'

export type {
  CheckedStore,
  OpenStore,
  RequestSession,
  StoreCallback,
  StoreCheck,
} from './store-contract/store-check.js'

/**
 * What every express-session store of ours promises, as data: run each check with an opener of
 * stores whose storage is empty.
 *
 * Nothing in it waits for longer than 50 ms; it needs no test runner:
 *
 * ```ts
 * it.each(storeContract)('$name', ({ check }) => check(openMine))
 * ```
 */
export const storeContract: readonly StoreCheck[] = [
  ...callbacks,
  ...contents,
  ...cookies,
  ...lifetimes,
  ...touches,
  ...identifiers,
  ...merges,
  ...requests,
  ...endings,
  ...lists,
  ...options,
  ...upkeep,
]
