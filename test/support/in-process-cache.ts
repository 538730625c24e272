import type {
  Held,
  HeldRecord,
  PutMode,
  PutOutcome,
  SessionCache,
  Trust,
} from '../../src/core/cache.js'
import type { Clock } from '../../src/core/clock.js'
import { systemClock } from '../../src/core/clock.js'
import type { SessionRecord } from '../../src/core/record.js'
import type { SessionId } from '../../src/core/session-id.js'

interface LiveEntry {
  readonly kind: 'live'
  readonly record: SessionRecord
  readonly until: number
  readonly confirmedAt: number
  readonly run: number
}

type Entry =
  | LiveEntry
  | { readonly kind: 'tombstone'; readonly version: number; readonly until: number }
  | { readonly kind: 'filling'; readonly token: string; readonly until: number }

const FILL_TTL = 3_000
const LEASE = 60_000

/** Caches have room for the versions that ledgers mint, not for any number. */
const HIGHEST_VERSION = 2_147_483_647

/** A cache as a map: all that the contract asks for, and nothing of a network. What several engines share, give to each. */
export class InProcessCache implements SessionCache {
  readonly name = 'in-process'
  readonly #entries = new Map<SessionId, Entry>()

  #run = 1

  /** Told of every change, as a script would publish it. */
  onChange: (id: SessionId, version: number) => void = () => {}

  constructor(private readonly clock: Clock = systemClock) {}

  /** Starts anew with what it holds, as a Redis does from a snapshot. */
  restart(): void {
    this.#run += 1
  }

  async read(id: SessionId): Promise<Held> {
    return this.#toHeld(this.#entry(id))
  }

  async reserve(id: SessionId, token: string): Promise<Held> {
    const held = this.#toHeld(this.#entry(id))
    if (held.kind !== 'absent' && !isDoubtful(held)) return held
    this.#entries.set(id, { kind: 'filling', token, until: this.clock.now() + FILL_TTL })
    return { kind: 'absent' }
  }

  async put(record: SessionRecord, mode: PutMode): Promise<PutOutcome> {
    checkVersion(record.version)
    const entry = this.#entry(record.id)
    const refusal = isDoubtful(this.#toHeld(entry))
      ? refusalOverDoubtful(mode)
      : refusalOf(entry, record, mode)
    if (mode === 'update' && refusal !== 'gone') this.onChange(record.id, record.version)
    if (refusal) {
      if (refusal === 'unfilled') this.#entries.delete(record.id)
      return refusal
    }
    // A write leaves the lease as it is: its commit may have been long ago.
    this.#hold(record, entry?.kind === 'live' ? entry.confirmedAt : undefined)
    return this.#entry(record.id) ? 'ok' : 'absent'
  }

  async confirm(held: HeldRecord, record: SessionRecord): Promise<'ok' | 'moved'> {
    checkVersion(record.version)
    const now = this.#toHeld(this.#entry(record.id))
    if (now.kind !== 'live' || now.stamp !== held.stamp || isDoubtful(now)) return 'moved'
    this.#hold(record)
    return 'ok'
  }

  async bury(id: SessionId, { version, ttl }: { version: number; ttl: number }): Promise<void> {
    checkVersion(version)
    const entry = this.#entry(id)
    const held = versionOf(entry) ?? 0
    const until = Math.max(entry?.until ?? 0, this.clock.now() + ttl)
    this.#entries.set(id, { kind: 'tombstone', version: Math.max(held, version), until })
    this.onChange(id, HIGHEST_VERSION)
  }

  async forget(id: SessionId, version: number): Promise<void> {
    checkVersion(version)
    this.onChange(id, version)
    const entry = this.#entry(id)
    if (entry?.kind === 'tombstone' || (versionOf(entry) ?? 0) > version) return
    this.#entries.delete(id)
  }

  async touch(
    id: SessionId,
    { version, expiresAt }: { version: number; expiresAt: number },
  ): Promise<void> {
    checkVersion(version)
    const entry = this.#entry(id)
    if (entry?.kind !== 'live') return
    if (entry.record.version < version || entry.run !== this.#run) this.#entries.delete(id)
    else if (entry.record.version === version && expiresAt > entry.until) {
      this.#entries.set(id, {
        ...entry,
        record: { ...entry.record, expiresAt },
        until: expiresAt,
      })
    }
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  #hold(record: SessionRecord, confirmedAt = this.clock.now()): void {
    this.#entries.set(record.id, {
      kind: 'live',
      record,
      until: record.expiresAt,
      confirmedAt,
      run: this.#run,
    })
  }

  #toHeld(entry: Entry | undefined): Held {
    if (!entry) return { kind: 'absent' }
    if (entry.kind === 'tombstone') return { kind: 'tombstone', version: entry.version }
    if (entry.kind === 'filling') return { kind: 'filling' }
    const { record, confirmedAt, run } = entry
    const stamp = [record.version, record.writeId, record.expiresAt, confirmedAt, run].join()
    return { kind: 'live', record, trust: this.#trustIn(entry), stamp }
  }

  #trustIn({ confirmedAt, run }: LiveEntry): Trust {
    if (run !== this.#run) return 'doubtful'
    return this.clock.now() - confirmedAt > LEASE ? 'due' : 'sound'
  }

  #entry(id: SessionId): Entry | undefined {
    const entry = this.#entries.get(id)
    if (entry && entry.until > this.clock.now()) return entry
    this.#entries.delete(id)
    return undefined
  }
}

function checkVersion(version: number): void {
  if (version < 0 || version > HIGHEST_VERSION) throw new RangeError('No ledger mints this version')
}

function refusalOf(
  entry: Entry | undefined,
  record: SessionRecord,
  mode: PutMode,
): PutOutcome | undefined {
  if (entry?.kind === 'tombstone') return 'gone'
  if (mode !== 'update') {
    return entry?.kind === 'filling' && entry.token === mode.fill ? undefined : 'lost'
  }
  if (entry?.kind === 'filling') return 'unfilled'
  if (!entry) return 'absent'
  const isSameVersion = entry.record.version === record.version
  if (isSameVersion && entry.record.writeId !== record.writeId) return 'unfilled'
  return entry.record.version >= record.version ? 'newer' : undefined
}

function versionOf(entry: Entry | undefined): number | undefined {
  if (entry?.kind === 'live') return entry.record.version
  return entry?.kind === 'tombstone' ? entry.version : undefined
}

function isDoubtful(held: Held): boolean {
  return held.kind === 'live' && held.trust === 'doubtful'
}

function refusalOverDoubtful(mode: PutMode): PutOutcome {
  return mode === 'update' ? 'unfilled' : 'lost'
}
