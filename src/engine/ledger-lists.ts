import type { LedgerStats, ListQuery } from '../core/ledger.js'
import type { SessionSummary } from '../core/record.js'
import type { Batcher } from './batcher.js'
import type { GuardedLedger } from './guarded-ledger.js'
import { createLedgerBatcher } from './ledger-batcher.js'

/**
 * Lists and counts of the ledger: long statements, of which few are under way at once, so that they
 * take neither the connections of those that requests wait for, nor pile up in a ledger that does
 * not answer. What is counted while one waits is counted once for all.
 */
export class LedgerLists {
  readonly #lists: Batcher<ListQuery, readonly SessionSummary[]>
  readonly #counts: Batcher<undefined, LedgerStats>

  constructor(ledger: GuardedLedger) {
    this.#lists = createLedgerBatcher(ledger, 'list', (queries) =>
      Promise.all(queries.map((query) => ledger.call('list', (each) => each.list(query)))),
    )
    this.#counts = createLedgerBatcher(ledger, 'count', async (callers) => {
      const stats = await ledger.call('count', (each) => each.stats())
      return callers.map(() => stats)
    })
  }

  /** How many wait. */
  get size(): number {
    return this.#lists.size + this.#counts.size
  }

  /** A page of live sessions, ordered by public id. @throws {@link LedgerUnavailableError} */
  list(query: ListQuery): Promise<readonly SessionSummary[]> {
    return this.#lists.submit(query)
  }

  /** Rows by state. @throws {@link LedgerUnavailableError} */
  count(): Promise<LedgerStats> {
    return this.#counts.submit(undefined)
  }
}
