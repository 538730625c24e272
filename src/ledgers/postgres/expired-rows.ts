import type { SweepBatch } from '../../core/ledger.js'
import { numberIn, optionalTextIn } from '../../drivers/postgres/columns.js'
import type { Row, SqlValue } from '../../drivers/postgres/sql-client.js'
import type { Statements } from './statements.js'

/** The places of so many batches are looked up at once. */
const BATCHES_FOUND = 5

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

  /** Deletes at most `limit`; fewer where no more are found, or others hold all that are. */
  async remove(limit: number): Promise<SweepBatch> {
    let removed = 0
    // What was found before this call says nothing of what is there.
    let removedOfFound = 1
    while (removed < limit) {
      if (this.#places.length === 0) {
        if (removedOfFound === 0) break
        await this.#find(limit)
        removedOfFound = 0
      }
      const places = this.#places.splice(0, limit)
      if (places.length === 0) break
      const count = await this.#removeAt(places, limit - removed)
      if (count === 'busy') return removed === 0 ? { kind: 'busy' } : { kind: 'swept', removed }
      removed += count
      removedOfFound += count
    }
    return { kind: 'swept', removed }
  }

  async #find(limit: number): Promise<void> {
    const { run, statements } = this.#options
    const [row = {}] = await run(statements.findExpired, [limit * BATCHES_FOUND])
    this.#places = (optionalTextIn(row, 'places') ?? '').split(SEPARATOR).filter(Boolean)
  }

  async #removeAt(places: readonly string[], limit: number): Promise<number | 'busy'> {
    const { run, statements } = this.#options
    const [row = {}] = await run(statements.sweep, [places.join(SEPARATOR), limit])
    if (row['mine'] === true) return numberIn(row, 'removed')
    // They will be gone when it is this one's turn.
    this.#places = []
    return 'busy'
  }
}

/** As in statements.ts; a place is `(block,row)`. */
const SEPARATOR = ';'
