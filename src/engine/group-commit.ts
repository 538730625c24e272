import { InvalidRecordError } from '../core/errors.js'
import type { Change, CommitOutcome } from '../core/ledger.js'
import type { Batcher } from './batcher.js'
import type { GuardedLedger } from './guarded-ledger.js'
import { createLedgerBatcher } from './ledger-batcher.js'

/**
 * Commits the changes of many requests in one statement. Each caller is acknowledged only by a
 * commit that holds its own change, and one whose change the ledger refuses takes nobody down with
 * it.
 */
export class GroupCommit {
  readonly #ledger: GuardedLedger
  readonly #onLate: (change: Change) => void
  /** A batch of updates alone is half of the work for a ledger. */
  readonly #batchers: Readonly<Record<'insert' | 'update', Batcher<Change, Settled>>>

  /** Of those that failed: to remember all would cost each a place in a table that is cleaned for ever. */
  readonly #sent = new WeakSet<Change>()

  /**
   * @param onLate - told of each change that may have been committed after its caller was told that
   * it was not.
   */
  constructor(ledger: GuardedLedger, onLate: (change: Change) => void) {
    this.#ledger = ledger
    this.#onLate = onLate
    const open = (): Batcher<Change, Settled> =>
      createLedgerBatcher(ledger, 'commit', (changes) => this.#commit(changes))
    this.#batchers = { insert: open(), update: open() }
  }

  /** Commits one change; no two of one session may be under way. */
  async submit(change: Change): Promise<Outcome> {
    const settled = await this.#batchers[change.base ? 'update' : 'insert'].submit(change)
    if (settled.kind === 'refused') throw settled.error
    return settled
  }

  /**
   * Whether the ledger was asked to commit this one, that was not acknowledged: one that was not has
   * surely not happened.
   */
  wasSent(change: Change): boolean {
    return this.#sent.has(change)
  }

  /** How many changes wait. */
  get size(): number {
    return this.#batchers.insert.size + this.#batchers.update.size
  }

  /**
   * Halves a batch that was refused for what is in it, until the change that is to blame stands
   * alone.
   */
  async #commit(changes: readonly Change[]): Promise<readonly Settled[]> {
    const onLate = (): void => {
      changes.forEach(this.#onLate)
    }
    let asked: readonly Change[] = []
    try {
      return await this.#ledger.call(
        'commit',
        async (ledger, isRepeated) => {
          asked = changes
          const outcomes = await ledger.commit(changes)
          if (!isRepeated) return outcomes
          return outcomes.map((each, index) => doubted(each, changes[index]?.above ?? 0))
        },
        onLate,
      )
    } catch (error) {
      for (const change of asked) this.#sent.add(change)
      if (!(error instanceof InvalidRecordError)) throw error
      if (changes.length === 1) return [{ kind: 'refused', error }]
      const middle = Math.ceil(changes.length / 2)
      const first = await this.#commit(changes.slice(0, middle))
      return [...first, ...(await this.#commit(changes.slice(middle)))]
    }
  }
}

/**
 * The first attempt may have been committed without a reply, and what is met now may have been built
 * upon that (protocol rule 12). It would have been given the version above those that it had seen;
 * whatever is no higher was not built upon it.
 */
function doubted(outcome: CommitOutcome, above: number): Outcome {
  if (outcome.kind !== 'conflict' || outcome.record.version <= above + 1) return outcome
  return { ...outcome, mayHoldIt: true }
}

/**
 * What became of a change. `mayHoldIt`: the conflict is with what may have been built upon this very
 * change, whose first attempt had no reply.
 */
export type Outcome = CommitOutcome & { readonly mayHoldIt?: true }

type Settled = Outcome | { readonly kind: 'refused'; readonly error: InvalidRecordError }
