import type { Change, CommitOutcome } from '../../src/core/ledger.js'
import type { Live, Tombstone } from '../../src/core/record.js'
import type { SessionId } from '../../src/core/session-id.js'
import { MemoryLedger } from '../../src/ledgers/memory/memory-ledger.js'

/** A ledger, and something that happens once, at one of the moments of whoever reads and commits. */
export class InterruptedLedger extends MemoryLedger {
  #moment = ''
  #happen: () => Promise<unknown> = async () => undefined
  #passed: string[] = []

  /** The moments since {@link InterruptedLedger.interruptAt} was called. */
  get passed(): readonly string[] {
    return this.#passed
  }

  /** @param moment - as `before read 1` or `after commit 2`, counted from now on. */
  interruptAt(moment: string, happen: () => Promise<unknown> = async () => undefined): void {
    this.#moment = moment
    this.#happen = happen
    this.#passed = []
  }

  override read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>> {
    return this.#around('read', () => super.read(ids))
  }

  override commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    return this.#around('commit', () => super.commit(changes))
  }

  async #around<T>(operation: string, call: () => Promise<T>): Promise<T> {
    const count = 1 + this.#passed.filter((each) => each.startsWith(`before ${operation} `)).length
    await this.#pass(`before ${operation} ${count}`)
    const answer = await call()
    await this.#pass(`after ${operation} ${count}`)
    return answer
  }

  async #pass(moment: string): Promise<void> {
    this.#passed.push(moment)
    if (this.#moment !== moment) return
    this.#moment = ''
    await this.#happen()
  }
}
