import type { Guards } from './guards.js'
import type { History } from './history.js'
import { checkMinted, checkRevived, checkSwept } from './invariants.js'
import { LIFETIME } from './times.js'

/** What a session holds. It is never changed in place, so that everybody may share it. */
export type Content = Readonly<Record<string, number>>

/** The session's row; a revoked one is a tombstone. */
export interface Row {
  readonly version: number
  readonly writeId: string | undefined
  readonly content: Content
  readonly isRevoked: boolean
  readonly expiresAt: number
}

/** The commit from which a write began; version 0: there was none. */
export type Base = Pick<Row, 'version' | 'writeId'>

/** One write, as the ledger is asked for it. */
export interface Statement {
  readonly base: Base
  /** The highest version that the writer has seen, which a failover may have lost. */
  readonly above: number
  readonly writeId: string
  readonly content: Content
  /** Whether the commit itself notes that the cache was not told. */
  readonly notesRepair: boolean
}

/** What is written down that the cache was not told of. */
interface Note {
  /** Higher with each time that it is noted. */
  readonly version: number
  /** The highest version that the cache was not told of. */
  readonly untold: number
}

/** What a ledger needs of the world that it stands in. */
export interface LedgerSetting {
  readonly history: History
  readonly guards: Guards
  readonly now: () => number
}

/** The ledger is out of reach; nothing was executed. */
export class LedgerDown extends Error {}

/** The ledger: one row of one session, and what the cache was not told about it. Every method is one atomic statement. */
export class LedgerModel {
  isDown = false
  #row: Row | undefined
  readonly #past: Row[] = []
  #repair: Note | undefined
  readonly #setting: LedgerSetting

  constructor(setting: LedgerSetting) {
    this.#setting = setting
  }

  read(): Row | undefined {
    this.#reach()
    return this.#row
  }

  /** The row that was committed, or `undefined` where the write did not take. */
  write(statement: Statement): Row | undefined {
    this.#reach()
    if (!this.#takes(statement.base)) return undefined
    const { base, above, writeId, content } = statement
    const { guards, history } = this.#setting
    const least = guards.writeMovesPastItsBase ? above : 0
    const version = Math.max(this.#row?.version ?? 0, least) + 1
    checkRevived(history, this.#row, base.version)
    const row = { version, writeId, content, expiresAt: this.#end(), isRevoked: false }
    this.#commit(row)
    if (statement.notesRepair) this.#note(version)
    return row
  }

  /** Revokes the row, once, and answers with the tombstone's version. */
  revoke({ notesRepair }: Pick<Statement, 'notesRepair'>): number {
    this.#reach()
    const row = this.#row
    if (row && !row.isRevoked) {
      const writeId = this.#setting.guards.tombstoneForgetsWriteId ? undefined : row.writeId
      this.#commit({ ...row, version: row.version + 1, writeId, content: {}, isRevoked: true })
    }
    if (notesRepair) this.#note(Infinity)
    return this.#row?.version ?? 0
  }

  /** Moves the expiry of a live row later, and answers with the row. */
  touch(): Row | undefined {
    this.#reach()
    if (this.#row && this.isLive(this.#row)) {
      this.#row = { ...this.#row, expiresAt: Math.max(this.#row.expiresAt, this.#end()) }
    }
    return this.#row
  }

  /** Deletes the row that a sweep chose because it had expired. */
  sweep(): void {
    this.#reach()
    const row = this.#row
    if (!row || row.isRevoked) return
    if (this.#setting.guards.sweepComparesAgain && this.isLive(row)) return
    checkSwept(this.#setting.history, this.isLive(row))
    this.#row = undefined
  }

  /** What the cache is to be told, if anything. */
  pendingRepair(): Note | undefined {
    this.#reach()
    return this.#repair
  }

  noteRepair(version: number): void {
    this.#reach()
    this.#note(version)
  }

  /** Crosses a repair out, unless it was noted again meanwhile. */
  crossOut(note: Note): boolean {
    this.#reach()
    if (this.#setting.guards.crossesOutWhatWasApplied && this.#repair !== note) return false
    this.#repair = undefined
    return true
  }

  /** Whether the cache was told of this version, as far as anybody knows. */
  isToldOf(version: number): boolean {
    return this.#repair === undefined || this.#repair.untold < version
  }

  /** A replica that had not seen the last commits takes over. */
  loseCommits(count: number): void {
    const standing = this.#past.at(-1 - count)
    if (!standing || this.#row?.isRevoked) return
    this.#setting.history.loseAfter(standing.version, this.#setting.now())
    this.#past.splice(-count)
    this.#row = standing
  }

  isLive(row: Row): boolean {
    return !row.isRevoked && row.expiresAt > this.#setting.now()
  }

  #takes(base: Base): boolean {
    const { guards } = this.#setting
    const row = this.#row
    if (!guards.writeCompares) return true
    const isInsert = base.version === 0
    if (!row) return isInsert || !guards.updateNeverInserts
    if (row.isRevoked) return false
    if (!this.isLive(row)) return isInsert
    if (!guards.writeTellsCommitsApart) return !isInsert && row.version <= base.version
    return row.version === base.version && row.writeId === base.writeId
  }

  #commit(row: Row): void {
    checkMinted(this.#setting.history, { ...row, mintedAt: this.#setting.now() })
    this.#past.push(row)
    this.#row = row
  }

  #note(version: number): void {
    if (!this.#setting.guards.notesRepairs) return
    const { version: noted = 0, untold = 0 } = this.#repair ?? {}
    this.#repair = { version: Math.max(noted + 1, version), untold: Math.max(untold, version) }
  }

  /** Lifetimes count from the ledger's own time. */
  #end(): number {
    return this.#setting.now() + LIFETIME
  }

  #reach(): void {
    if (this.isDown) throw new LedgerDown()
  }
}
