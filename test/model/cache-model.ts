import type { Guards } from './guards.js'
import type { History } from './history.js'
import { checkHeld } from './invariants.js'
import type { Content } from './ledger-model.js'
import { FILL_LIFE } from './times.js'

/** Which life of the server a process knows that it is connected to; `undefined`: it does not know yet. */
export type Run = number | undefined

/** A committed version, as a cache remembers it. */
export interface CachedRecord {
  readonly version: number
  readonly writeId: string | undefined
  readonly content: Content
  readonly expiresAt: number
}

/** A record that answers reads, when the ledger last confirmed it, and the run that its writer knew. */
export interface Live extends CachedRecord {
  readonly kind: 'live'
  readonly confirmedAt: number
  readonly run: Run
}

/** What the cache holds for the session. `filling`: somebody is asking the ledger for it. */
export type Held =
  | Live
  | { readonly kind: 'tombstone' }
  | { readonly kind: 'filling'; readonly token: number; readonly until: number }
  | { readonly kind: 'absent' }

/** How a record is put; only a fill makes one appear. */
export type PutMode = 'update' | { readonly fill: number }

/** A put, as the script is told it. */
export interface Put {
  readonly record: CachedRecord
  readonly mode: PutMode
  readonly run: Run
}

/** What became of a put. */
export type PutOutcome = 'ok' | 'absent' | 'gone' | 'newer' | 'lost' | 'unfilled'

/** What the ledger said of a record that was read; `undefined`: there is none. */
export interface Confirmation {
  readonly seen: Live
  readonly record: CachedRecord | undefined
}

/** What a cache needs of the world that it stands in. */
export interface CacheSetting {
  readonly history: History
  readonly guards: Guards
  readonly now: () => number
  /** Tells everybody who holds a copy that what is below this version is old. */
  readonly publish: (version: number) => void
}

const absent: Held = { kind: 'absent' }

/** Whether what was stamped with one run says nothing to whoever knows another (rule 9). */
export function isDoubtful({ run: stamp }: Live, run: Run, guards: Guards): boolean {
  if (!guards.recordsAreStamped) return false
  return stamp !== run || (guards.unknownIsNoRun && run === undefined)
}

/** The shared cache: one key of one session. Every method is one atomic script. */
export class CacheModel {
  /** Counts the lives of the server; no connection outlives one. */
  life = 1
  /** What it answers when it is asked for its run. */
  run = 1
  #held: Held = absent
  readonly #past: Held[] = [absent]
  readonly #setting: CacheSetting

  constructor(setting: CacheSetting) {
    this.#setting = setting
  }

  read(): Held {
    const held = this.#held
    const now = this.#setting.now()
    if (held.kind === 'live' && held.expiresAt <= now) return absent
    return held.kind === 'filling' && held.until <= now ? absent : held
  }

  /** Places a token where nothing is held, or a record in doubt; anything else is what was found instead. */
  reserve(token: number, run: Run): Held {
    const { guards, now } = this.#setting
    const held = this.read()
    const isFree = held.kind === 'absent' || (held.kind === 'live' && isDoubtful(held, run, guards))
    if (!isFree) return held
    if (guards.fillNeedsItsToken) {
      this.#replace({ kind: 'filling', token, until: now() + FILL_LIFE })
    }
    return absent
  }

  put(put: Put): PutOutcome {
    const refusal = this.#refusal(put)
    if (refusal === 'unfilled') this.#replace(absent)
    if (this.#isPublished(put.mode, refusal)) this.#setting.publish(put.record.version)
    if (refusal) return refusal
    const held = this.read()
    const isConfirmed = held.kind !== 'live' || !this.#setting.guards.updateConfirmsNothing
    this.#remember(put, isConfirmed ? this.#setting.now() : held.confirmedAt)
    return 'ok'
  }

  /** Refuses the session from now on. */
  bury(): 'ok' {
    this.#replace({ kind: 'tombstone' })
    this.#setting.publish(Infinity)
    return 'ok'
  }

  /** Forgets a live record below this version, and any fill under way; a tombstone stays. */
  forget(version: number): 'ok' {
    const held = this.read()
    const isSpared = held.kind === 'tombstone' && this.#setting.guards.forgetSparesTombstones
    const isNewer = held.kind === 'live' && held.version >= version
    if (!isSpared && !isNewer) this.#replace(absent)
    this.#setting.publish(version)
    return 'ok'
  }

  /** Stamps or replaces the record that was read with what the ledger says, or forgets it. */
  confirm({ seen, record }: Confirmation, run: Run): 'ok' | 'moved' {
    const { guards, now } = this.#setting
    const held = this.read()
    if (guards.confirmNeedsItsRun && isDoubtful(seen, run, guards)) return 'moved'
    if (guards.confirmCompares && !isSame(held, seen)) return 'moved'
    if (!record) this.#replace(absent)
    else if (this.#isCommitOf(record, seen)) this.#replace({ ...seen, run, confirmedAt: now() })
    else this.#remember({ record, run }, now())
    return 'ok'
  }

  /** Moves the expiry of a live record of this version later; one below it, or in doubt, is forgotten. */
  touch({ version, expiresAt }: Pick<CachedRecord, 'version' | 'expiresAt'>, run: Run): 'ok' {
    const { guards } = this.#setting
    const held = this.read()
    if (held.kind !== 'live') return 'ok'
    const isDropped = guards.touchDropsTheDoubtful && isDoubtful(held, run, guards)
    if (isDropped || held.version < version) this.#replace(absent)
    else if (held.version === version) {
      this.#replace({ ...held, expiresAt: Math.max(held.expiresAt, expiresAt) })
    }
    return 'ok'
  }

  /** Memory ran short, or a time to live ended. */
  evict(): void {
    this.#becomeAsServer(absent)
  }

  /** Everything that it ever held: what an old snapshot may hold, or a replica that lags. */
  get past(): readonly Held[] {
    return this.#past
  }

  /** The server starts again with what it held once, or a replica that lagged takes over. */
  restart(held: Held): void {
    this.life += 1
    this.run = this.#setting.guards.runsNeverReturn ? this.life : 2 - (this.life % 2)
    this.#becomeAsServer(held)
  }

  /** Another process may have filled or confirmed a commit before its writer puts it: copies may be older all the same. */
  #isPublished(mode: PutMode, refusal: PutOutcome | undefined): boolean {
    const { publishesWhatIsRefused } = this.#setting.guards
    return !refusal || (mode === 'update' && (refusal === 'unfilled' || publishesWhatIsRefused))
  }

  #refusal({ record, mode, run }: Put): PutOutcome | undefined {
    const { guards } = this.#setting
    const held = this.read()
    if (held.kind === 'tombstone') return guards.tombstoneAbsorbs ? 'gone' : undefined
    if (held.kind === 'live') return this.#refusesOver(held, { record, mode, run })
    if (mode === 'update') return this.#refusesUpdate(held)
    if (!guards.fillNeedsItsToken) return undefined
    return held.kind === 'filling' && held.token === mode.fill ? undefined : 'lost'
  }

  #refusesOver(held: Live, { record, mode, run }: Put): PutOutcome | undefined {
    const { guards } = this.#setting
    if (!guards.putComparesVersions) return undefined
    if (typeof mode === 'object') return 'lost'
    if (guards.updateEndsTheDoubtful && isDoubtful(held, run, guards)) return 'unfilled'
    if (held.version !== record.version) return held.version > record.version ? 'newer' : undefined
    return guards.putTellsCommitsApart && held.writeId !== record.writeId ? 'unfilled' : 'newer'
  }

  #refusesUpdate(held: Held): PutOutcome | undefined {
    const { guards } = this.#setting
    if (!guards.updateNeedsARecord) return undefined
    return held.kind === 'filling' && guards.updateEndsAFill ? 'unfilled' : 'absent'
  }

  #isCommitOf(record: CachedRecord, seen: Live): boolean {
    if (record.version !== seen.version) return false
    return record.writeId === seen.writeId || !this.#setting.guards.confirmTellsCommitsApart
  }

  /** Holds a record that the ledger has vouched for; one that ended meanwhile is not worth a key. */
  #remember({ record, run }: Pick<Put, 'record' | 'run'>, confirmedAt: number): void {
    const { version, writeId, content, expiresAt } = record
    const isOver = expiresAt <= this.#setting.now()
    const live: Live = { kind: 'live', version, writeId, content, expiresAt, confirmedAt, run }
    this.#replace(isOver ? absent : live)
  }

  #replace(held: Held): void {
    checkHeld(this.#setting.history, this.#held, held)
    this.#become(held)
  }

  #becomeAsServer(held: Held): void {
    const { history } = this.#setting
    history.relapses += 1
    history.isRefused &&= held.kind === 'tombstone'
    this.#become(held)
  }

  #become(held: Held): void {
    this.#held = held
    this.#past.push(held)
  }
}

/** Whether a record's header is still the one that was read. */
function isSame(held: Held, seen: Live): boolean {
  if (held.kind !== 'live') return false
  const names = ['version', 'writeId', 'expiresAt', 'confirmedAt', 'run'] as const
  return names.every((name) => held[name] === seen[name])
}
