import type { NotedRepair, Repair } from '../../core/ledger.js'
import { toSessionId, type SessionId } from '../../core/session-id.js'
import type { Commands } from '../../drivers/redis/driver-error.js'
import type { LedgerKeys } from './ledger-keys.js'
import * as scripts from './note-scripts.js'

/** What a cache could not be told, written down in Redis. */
export class NotedRepairs {
  readonly #connected: Promise<Commands>
  readonly #keys: Pick<LedgerKeys, 'notes' | 'noted'>

  constructor(connected: Promise<Commands>, { notes, noted }: LedgerKeys) {
    this.#connected = connected
    this.#keys = { notes, noted }
  }

  /** As `SessionLedger.noteRepairs`. */
  async note(repairs: readonly Repair[]): Promise<void> {
    const client = await this.#connected
    const highest = new Map<SessionId, number>()
    for (const { id, version } of repairs) {
      highest.set(id, Math.max(version, highest.get(id) ?? 0))
    }
    await Promise.all(
      [...highest].map(([id, version]) =>
        scripts.noteRepair(client, this.#keys, { id, version: String(version) }),
      ),
    )
  }

  /** As `SessionLedger.pendingRepairs`. */
  async oldest(limit: number): Promise<readonly NotedRepair[]> {
    const client = await this.#connected
    const found = await scripts.oldestNotes(client, this.#keys, { limit: String(limit) })
    return (found as readonly [string, string, string][]).map(([id, version, notedAt]) => ({
      id: toSessionId(id),
      version: Number(version),
      notedAt: Number(notedAt),
    }))
  }

  /** As `SessionLedger.settleRepairs`. */
  async settle(repairs: readonly NotedRepair[]): Promise<void> {
    const client = await this.#connected
    await Promise.all(
      repairs.map(({ id, version, notedAt }) =>
        scripts.settleNote(client, this.#keys, {
          id,
          version: String(version),
          notedAt: String(notedAt),
        }),
      ),
    )
  }
}
