import type { Held, HeldRecord, PutMode, PutOutcome, SessionCache } from '../core/cache.js'
import type { SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { Chaos } from './chaos.js'

const OPERATIONS = [
  'read',
  'reserve',
  'put',
  'confirm',
  'bury',
  'forget',
  'touch',
  'ping',
  'close',
] as const

/** A cache which does what another does, or fails to, as its `chaos` is told. */
export class ChaosCache implements SessionCache {
  readonly chaos = new Chaos<(typeof OPERATIONS)[number]>(OPERATIONS)
  readonly name: string

  constructor(private readonly cache: SessionCache) {
    this.name = cache.name
  }

  read(id: SessionId): Promise<Held> {
    return this.chaos.run('read', () => this.cache.read(id))
  }

  reserve(id: SessionId, token: string): Promise<Held> {
    return this.chaos.run('reserve', () => this.cache.reserve(id, token))
  }

  put(record: SessionRecord, mode: PutMode): Promise<PutOutcome> {
    return this.chaos.run('put', () => this.cache.put(record, mode))
  }

  confirm(held: HeldRecord, record: SessionRecord): Promise<'ok' | 'moved'> {
    return this.chaos.run('confirm', () => this.cache.confirm(held, record))
  }

  bury(id: SessionId, tombstone: { version: number; ttl: number }): Promise<void> {
    return this.chaos.run('bury', () => this.cache.bury(id, tombstone))
  }

  forget(id: SessionId, version: number): Promise<void> {
    return this.chaos.run('forget', () => this.cache.forget(id, version))
  }

  touch(id: SessionId, touched: { version: number; expiresAt: number }): Promise<void> {
    return this.chaos.run('touch', () => this.cache.touch(id, touched))
  }

  ping(): Promise<void> {
    return this.chaos.run('ping', () => this.cache.ping())
  }

  close(): Promise<void> {
    return this.chaos.run('close', () => this.cache.close())
  }
}
