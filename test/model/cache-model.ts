import type { Guards } from './guards.js'
import type { History } from './history.js'
import { checkHeld } from './invariants.js'
import type { Content } from './ledger-model.js'

/** A committed version, as a cache remembers it. */
export interface CachedRecord {
  readonly version: number
  readonly content: Content
  readonly expiresAt: number
}

/** A record that answers reads, and when the ledger last confirmed it. */
export interface Live extends CachedRecord {
  readonly kind: 'live'
  readonly confirmedAt: number
}

/** What the cache holds for the session. `filling`: somebody is asking the ledger for it. */
export type Held =
  | Live
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'filling'; readonly token: number }
  | { readonly kind: 'absent' }

/** How a record is put; only a fill makes one appear. */
export type PutMode = 'update' | { readonly fill: number }

/** What became of a put. */
export type PutOutcome = 'ok' | 'absent' | 'gone' | 'newer' | 'lost' | 'unfilled'

/** One life of a Redis server: what it holds, and which life its clients agreed on. */
interface Memory {
  readonly held: Held
  readonly epoch: { readonly runId: number; readonly since: number }
}

/** What a cache needs of the world that it stands in. */
export interface CacheSetting {
  readonly history: History
  readonly guards: Guards
  readonly now: () => number
}

const absent: Held = { kind: 'absent' }

/** The shared cache: one key of one session. Every method is one atomic script. */
export class CacheModel {
  runId = 1
  #memory: Memory = { held: absent, epoch: { runId: 1, since: 0 } }
  readonly #setting: CacheSetting

  constructor(setting: CacheSetting) {
    this.#setting = setting
  }

  read(): Held {
    const { held } = this.#memory
    return held.kind === 'live' && held.expiresAt <= this.#setting.now() ? absent : held
  }

  /** Places a token on an absent key; anything else is what was found instead. */
  reserve(token: number): Held {
    const found = this.read()
    if (found.kind === 'absent' && this.#setting.guards.fillNeedsItsToken) {
      this.#replace({ kind: 'filling', token })
    }
    return found
  }

  put(record: CachedRecord, mode: PutMode): PutOutcome {
    const refusal = this.#refusal(record, mode)
    if (refusal === 'unfilled') this.#replace(absent)
    if (refusal) return refusal
    this.#remember(record)
    return 'ok'
  }

  /** Refuses the session from now on. */
  bury(): 'ok' {
    this.#replace({ kind: 'tombstone' })
    return 'ok'
  }

  /** Forgets a live record below this version, and any fill under way; a tombstone stays. */
  forget(version: number): 'ok' {
    const held = this.read()
    const isSpared = held.kind === 'tombstone' && this.#setting.guards.forgetSparesTombstones
    const isNewer = held.kind === 'live' && held.version >= version
    if (!isSpared && !isNewer) this.#replace(absent)
    return 'ok'
  }

  /** Stamps or replaces the record that was read with what the ledger says, or forgets it. */
  confirm(seen: Live, record: CachedRecord | undefined): 'ok' | 'moved' {
    if (this.#setting.guards.confirmCompares && this.#memory.held !== seen) return 'moved'
    if (record) this.#remember(record)
    else this.#replace(absent)
    return 'ok'
  }

  /** Moves a live record's expiry later; one below `version` is forgotten. */
  touch(version: number, expiresAt: number): 'ok' {
    const held = this.read()
    if (held.kind !== 'live') return 'ok'
    if (held.version < version) this.#replace(absent)
    else this.#replace({ ...held, expiresAt: Math.max(held.expiresAt, expiresAt) })
    return 'ok'
  }

  /** Since when records of this life of the server are trusted; the first that asks writes it down. */
  trustedSince(): number {
    if (this.#memory.epoch.runId !== this.runId) {
      const epoch = { runId: this.runId, since: this.#setting.now() }
      this.#memory = { ...this.#memory, epoch }
    }
    return this.#memory.epoch.since
  }

  /** Memory ran short, or a time to live ended. */
  evict(): void {
    this.#forgetAsServer({ ...this.#memory, held: absent })
  }

  snapshot(): Memory {
    return this.#memory
  }

  /** The server starts again from an older snapshot, or a replica that lagged takes over. */
  restart(memory: Memory): void {
    this.runId += 1
    this.#forgetAsServer(memory)
  }

  #refusal({ version }: CachedRecord, mode: PutMode): PutOutcome | undefined {
    const { guards } = this.#setting
    const held = this.read()
    if (held.kind === 'tombstone') return guards.tombstoneAbsorbs ? 'gone' : undefined
    if (held.kind === 'live') return this.#refusesOver(held, version, mode)
    if (mode === 'update') return this.#refusesUpdate(held)
    if (!guards.fillNeedsItsToken) return undefined
    return held.kind === 'filling' && held.token === mode.fill ? undefined : 'lost'
  }

  #refusesOver(held: Live, version: number, mode: PutMode): PutOutcome | undefined {
    if (!this.#setting.guards.putComparesVersions) return undefined
    if (typeof mode === 'object') return 'lost'
    return held.version >= version ? 'newer' : undefined
  }

  #refusesUpdate(held: Held): PutOutcome | undefined {
    const { guards } = this.#setting
    if (!guards.updateNeedsARecord) return undefined
    return held.kind === 'filling' && guards.updateEndsAFill ? 'unfilled' : 'absent'
  }

  /** Holds a record that the ledger has just vouched for; one that ended meanwhile is not worth a key. */
  #remember({ version, content, expiresAt }: CachedRecord): void {
    const confirmedAt = this.#setting.now()
    const isOver = expiresAt <= confirmedAt
    this.#replace(isOver ? absent : { kind: 'live', version, content, expiresAt, confirmedAt })
  }

  #replace(held: Held): void {
    checkHeld(this.#setting.history, this.#memory.held, held)
    this.#memory = { ...this.#memory, held }
  }

  #forgetAsServer(memory: Memory): void {
    this.#setting.history.isRefused = false
    this.#memory = memory
  }
}
