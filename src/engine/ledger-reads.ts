import type { Live, Tombstone } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import type { Batcher } from './batcher.js'
import { createLedgerBatcher } from './ledger-batcher.js'
import { open, type LoadedSession } from './loaded-session.js'
import type { Tiers } from './tiers.js'

/** What the ledger holds for an id; `undefined` where that is nothing. */
export type Entry = Live | Tombstone | undefined

/** Reads of the ledger, past every cache; what is asked in one tick is one statement. */
export class LedgerReads {
  readonly #tiers: Tiers
  readonly #batcher: Batcher<SessionId, Entry>

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#batcher = createLedgerBatcher(tiers.ledger, 'read', (ids) => this.#readTogether(ids))
  }

  /** How many reads wait. */
  get size(): number {
    return this.#batcher.size
  }

  /** What is held, as it is stored. @throws {@link LedgerUnavailableError} */
  entry(id: SessionId): Promise<Entry> {
    return this.#batcher.submit(id)
  }

  /** The live session of this id. @throws {@link LedgerUnavailableError} */
  async session(id: SessionId): Promise<LoadedSession | undefined> {
    return this.open(await this.entry(id))
  }

  /** The session in what was read. */
  open(entry: Entry): Promise<LoadedSession | undefined> {
    if (entry?.kind !== 'live') return Promise.resolve(undefined)
    return open(this.#tiers, entry.record, this.#tiers.ledger.name)
  }

  async #readTogether(ids: readonly SessionId[]): Promise<readonly Entry[]> {
    const unique = [...new Set(ids)]
    const entries = await this.#tiers.ledger.call('read', (ledger) => ledger.read(unique))
    return ids.map((id) => entries.get(id))
  }
}
