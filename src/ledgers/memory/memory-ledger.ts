import type { Clock } from '../../core/clock.js'
import { systemClock } from '../../core/clock.js'
import { MAX_VERSION } from '../../core/ledger.js'
import { checkContext } from '../../core/options.js'
import type {
  Change,
  CommitOutcome,
  LedgerStats,
  ListQuery,
  NotedRepair,
  Repair,
  Revocation,
  SessionLedger,
  SweepBatch,
  Touch,
  Touched,
} from '../../core/ledger.js'
import type { Live, SessionSummary, Tombstone } from '../../core/record.js'
import type { Context, SessionId } from '../../core/session-id.js'
import { decideCommit, decideRevocation, type Decision } from '../../core/ledger-rules.js'
import {
  compareIds,
  extended,
  isTombstone,
  toRecord,
  toSummary,
  unexpired,
  type Moment,
  type StoredSession,
} from '../../core/stored-session.js'
import { MemoryStorage } from './memory-storage.js'

/** What a {@link MemoryLedger} is made of. */
export interface MemoryLedgerOptions {
  /** Whose sessions it serves; `web` unless given. */
  readonly context?: Context | undefined

  /** The time by which sessions expire; the system's unless given. */
  readonly clock?: Clock | undefined

  /** What is shared with other ledgers; its own unless given. */
  readonly storage?: MemoryStorage | undefined
}

/**
 * Sessions in this process's memory, for development and tests: the same promises as Postgres's,
 * but to survive a restart.
 */
export class MemoryLedger implements SessionLedger {
  readonly name = 'memory'
  readonly #context: Context
  readonly #clock: Clock
  readonly #storage: MemoryStorage

  /** @throws InvalidOptionError */
  constructor(options: MemoryLedgerOptions = {}) {
    const { context = 'web', clock = systemClock, storage = new MemoryStorage() } = options
    checkContext(context)
    this.#context = context
    this.#clock = clock
    this.#storage = storage
  }

  now(): number {
    return this.#clock.now()
  }

  async ready(): Promise<void> {}

  async read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>> {
    const held = new Map<SessionId, Live | Tombstone>()
    for (const id of ids) {
      const session = this.#unexpired(id)
      if (session === undefined || !this.#isOurs(session)) continue
      held.set(
        id,
        isTombstone(session)
          ? { kind: 'tombstone', version: session.version }
          : { kind: 'live', record: toRecord(session) },
      )
    }
    return held
  }

  async commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    return changes.map((change) =>
      this.#carryOut(decideCommit(this.#held(change.id), change, this.#moment())),
    )
  }

  #carryOut<Outcome>({ outcome, next, repair }: Decision<Outcome>): Outcome {
    if (next) this.#storage.sessions.set(next.id, next)
    if (repair) this.#note(repair)
    return outcome
  }

  async touch(touches: readonly Touch[]): Promise<ReadonlyMap<SessionId, Touched>> {
    const touched = new Map<SessionId, Touched>()
    for (const { id, ttl } of touches) {
      const held = this.#unexpired(id)
      if (held === undefined) continue
      const after = isTombstone(held) ? held : extended(held, ttl, this.now())
      this.#storage.sessions.set(id, after)
      const { version, expiresAt } = after
      touched.set(id, { version, revoked: isTombstone(held), expiresAt })
    }
    return touched
  }

  async revoke(revocations: readonly Revocation[]): Promise<ReadonlySet<SessionId>> {
    const ended = revocations.filter((revocation) =>
      this.#carryOut(decideRevocation(this.#held(revocation.id), revocation, this.#moment())),
    )
    return new Set(ended.map(({ id }) => id))
  }

  async list({ userId, after = '', limit }: ListQuery): Promise<readonly SessionSummary[]> {
    return this.#live()
      .filter((session) => userId === undefined || session.userId === userId)
      .filter(({ id }) => compareIds(id, after) > 0)
      .sort((a, b) => compareIds(a.id, b.id))
      .slice(0, limit)
      .map(toSummary)
  }

  async stats(): Promise<LedgerStats> {
    const all = [...this.#storage.sessions.values()].filter((session) => this.#isOurs(session))
    const live = this.#live()
    const revoked = all.filter(isTombstone).length
    const users = new Set(live.map(({ userId }) => userId).filter((user) => user !== undefined))
    return {
      active: live.length,
      expired: all.length - live.length - revoked,
      revoked,
      users: users.size,
    }
  }

  async sweep(limit: number): Promise<SweepBatch> {
    const now = this.now()
    const due = [...this.#storage.sessions.values()].filter(({ expiresAt }) => expiresAt <= now)
    const batch = due.slice(0, limit)
    for (const { id } of batch) this.#storage.sessions.delete(id)
    return { kind: 'swept', removed: batch.length }
  }

  async noteRepairs(repairs: readonly Repair[]): Promise<void> {
    const highest = new Map<SessionId, number>()
    for (const { id, version } of repairs) {
      highest.set(id, Math.max(version, highest.get(id) ?? 0))
    }
    for (const [id, version] of highest) this.#note({ id, version })
  }

  #note({ id, version }: Repair): void {
    const { repairs } = this.#storage
    const raised = Math.min(repairs.get(id)?.version ?? 0, MAX_VERSION - 1) + 1
    // Set anew, so that the map's order is that of the notes.
    repairs.delete(id)
    repairs.set(id, {
      context: this.#context,
      version: Math.max(raised, version),
      notedAt: this.#storage.timeNote(this.now()),
    })
  }

  async pendingRepairs(limit: number): Promise<readonly NotedRepair[]> {
    return [...this.#storage.repairs]
      .filter(([, { context }]) => context === this.#context)
      .slice(0, limit)
      .map(([id, { version, notedAt }]) => ({ id, version, notedAt }))
  }

  async settleRepairs(repairs: readonly NotedRepair[]): Promise<void> {
    const { repairs: noted } = this.#storage
    for (const { id, version, notedAt } of repairs) {
      const held = noted.get(id)
      if (held?.version === version && held.notedAt === notedAt) noted.delete(id)
    }
  }

  async close(): Promise<void> {}

  #held(id: SessionId): StoredSession | undefined {
    return this.#storage.sessions.get(id)
  }

  #unexpired(id: SessionId): StoredSession | undefined {
    return unexpired(this.#held(id), this.now())
  }

  #live(): StoredSession[] {
    const now = this.now()
    return [...this.#storage.sessions.values()].filter(
      (session) => this.#isOurs(session) && !isTombstone(session) && session.expiresAt > now,
    )
  }

  #isOurs({ context }: StoredSession): boolean {
    return context === this.#context
  }

  #moment(): Moment {
    return { context: this.#context, now: this.now() }
  }
}
