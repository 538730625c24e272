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
} from '../core/ledger.js'
import type { Live, SessionSummary, Tombstone } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { Chaos } from './chaos.js'

const OPERATIONS = [
  'ready',
  'read',
  'commit',
  'touch',
  'revoke',
  'list',
  'stats',
  'sweep',
  'noteRepairs',
  'pendingRepairs',
  'settleRepairs',
  'close',
] as const

/** A ledger which does what another does, or fails to, as its `chaos` is told. */
export class ChaosLedger implements SessionLedger {
  readonly chaos = new Chaos<(typeof OPERATIONS)[number]>(OPERATIONS)
  readonly name: string

  constructor(private readonly ledger: SessionLedger) {
    this.name = ledger.name
  }

  now(): number {
    return this.ledger.now()
  }

  ready(): Promise<void> {
    return this.chaos.run('ready', () => this.ledger.ready())
  }

  read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>> {
    return this.chaos.run('read', () => this.ledger.read(ids))
  }

  commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    return this.chaos.run('commit', () => this.ledger.commit(changes))
  }

  touch(touches: readonly Touch[]): Promise<ReadonlyMap<SessionId, Touched>> {
    return this.chaos.run('touch', () => this.ledger.touch(touches))
  }

  revoke(revocations: readonly Revocation[]): Promise<ReadonlySet<SessionId>> {
    return this.chaos.run('revoke', () => this.ledger.revoke(revocations))
  }

  list(query: ListQuery): Promise<readonly SessionSummary[]> {
    return this.chaos.run('list', () => this.ledger.list(query))
  }

  stats(): Promise<LedgerStats> {
    return this.chaos.run('stats', () => this.ledger.stats())
  }

  sweep(limit: number): Promise<SweepBatch> {
    return this.chaos.run('sweep', () => this.ledger.sweep(limit))
  }

  noteRepairs(repairs: readonly Repair[]): Promise<void> {
    return this.chaos.run('noteRepairs', () => this.ledger.noteRepairs(repairs))
  }

  pendingRepairs(limit: number): Promise<readonly NotedRepair[]> {
    return this.chaos.run('pendingRepairs', () => this.ledger.pendingRepairs(limit))
  }

  settleRepairs(repairs: readonly NotedRepair[]): Promise<void> {
    return this.chaos.run('settleRepairs', () => this.ledger.settleRepairs(repairs))
  }

  close(): Promise<void> {
    return this.chaos.run('close', () => this.ledger.close())
  }
}
