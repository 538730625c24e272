import type { SweepBatch } from '../../core/ledger.js'
import { numberIn, optionalTextIn } from './rows.js'
import type { Row, SqlValue } from './sql-client.js'
import type { Statements } from './statements.js'

/** So many are looked up at once, or as many as a batch holds. */
const MOST_FOUND = 5_000

/** What an {@link ExpiredRows} works with. */
export interface ExpiredRowsOptions {
  readonly statements: Pick<Statements, 'findExpired' | 'sweep'>
  readonly run: (text: string, params: readonly SqlValue[]) => Promise<readonly Row[]>
}

/**
 * Deletes expired rows, batch by batch. Where they are is looked up for several batches at once: to
 * an index what was deleted is there until a vacuum, and each look-up passes over all of it. What
 * has moved or was touched since then is spared when its batch is deleted.
 */
export class ExpiredRows {
  readonly #options: ExpiredRowsOptions
  #places: string[] = []

  constructor(options: ExpiredRowsOptions) {
    this.#options = options
  }

  /** Deletes at most `limit`; fewer where no more are found, or others hold them. */
  async remove(limit: number): Promise<SweepBatch> {
    const { run, statements } = this.#options
    let removed = 0
    while (removed < limit) {
      const isFresh = this.#places.length === 0
      if (isFresh) await this.#find(limit)
      const places = this.#places.splice(0, limit - removed)
      if (places.length === 0) break
      const [row = {}] = await run(statements.sweep, [places.join(SEPARATOR)])
      if (row['mine'] !== true) {
        return removed === 0 ? { kind: 'busy' } : { kind: 'swept', removed }
      }
      const count = numberIn(row, 'removed')
      removed += count
      if (isFresh && count === 0) break
    }
    return { kind: 'swept', removed }
  }

  async #find(limit: number): Promise<void> {
    const { run, statements } = this.#options
    const [row = {}] = await run(statements.findExpired, [Math.max(limit, MOST_FOUND)])
    this.#places = (optionalTextIn(row, 'places') ?? '').split(SEPARATOR).filter(Boolean)
  }
}

/** As in statements.ts; a place is `(block,row)`. */
const SEPARATOR = ';'
