import type { LedgerCheck } from './ledger-contract/ledger-check.js'
import { commits } from './ledger-contract/commits.js'
import { contents } from './ledger-contract/contents.js'
import { lifetimes } from './ledger-contract/lifetimes.js'
import { lists } from './ledger-contract/lists.js'
import { lostCommits } from './ledger-contract/lost-commits.js'
import { races } from './ledger-contract/races.js'
import { repairs } from './ledger-contract/repairs.js'
import { revocations } from './ledger-contract/revocations.js'
import { upkeep } from './ledger-contract/upkeep.js'

export type { LedgerCheck, OpenLedger } from './ledger-contract/ledger-check.js'

/**
 * What every `SessionLedger` promises, as data: run each check with an opener of ledgers whose
 * storage is empty.
 *
 * Nothing in it waits for longer than 50 ms; it needs no test runner:
 *
 * ```ts
 * it.each(ledgerContract)('$name', ({ check }) => check(openMine))
 * ```
 */
export const ledgerContract: readonly LedgerCheck[] = [
  ...commits,
  ...lostCommits,
  ...contents,
  ...lifetimes,
  ...revocations,
  ...races,
  ...lists,
  ...repairs,
  ...upkeep,
]
