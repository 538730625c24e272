import { LRUCache } from 'lru-cache'
import type { SessionBus } from '../../core/bus.js'
import { systemClock, type Clock } from '../../core/clock.js'
import type { NearEntry, NearTicket, NearTier } from '../../core/near.js'
import type { SessionId } from '../../core/session-id.js'
import { RecentMessages } from './recent-messages.js'

/** What a {@link NearCache} is made of. */
export interface NearCacheOptions {
  /** Tells what is old by now. It is started and closed by whoever opened it. */
  readonly bus: SessionBus

  /** How many sessions are remembered at most. */
  readonly maxEntries: number

  /** How long a session is remembered after its read began, ms. */
  readonly maxAge: number

  /**
   * How much memory the sessions may take, in bytes, counted at two for each character and some for
   * the rest; a session that would take more than a 64th of it is not remembered. Default 64 MiB:
   * ten thousand sessions of three thousand characters, and a few percent of the heap that Node
   * gives itself.
   */
  readonly maxBytes?: number | undefined

  /**
   * How many ids are remembered of which something was heard in the last seconds; beyond, all that
   * is held is forgotten at once. Default 50,000: what a fleet writes at 2,500 a second or more.
   */
  readonly maxMessages?: number | undefined

  /** The ledger's time, epoch ms, by which sessions expire. Default: this machine's. */
  readonly now?: (() => number) | undefined
  readonly clock?: Clock | undefined
}

/**
 * Remembers sessions in this process's memory for a few seconds, as long as the bus is healthy.
 *
 * It only moves up, and forgets rather than doubts: an entry is believed only in the bus's epoch in
 * which its read began, while nothing newer was heard of, and until it is `maxAge` old.
 */
export class NearCache implements NearTier {
  readonly name = 'near'
  readonly #bus: SessionBus
  readonly #entries: LRUCache<SessionId, Kept>
  readonly #messages: RecentMessages
  readonly #maxAge: number
  readonly #now: () => number
  readonly #clock: Clock
  readonly #stopListening: () => void
  #isClosed = false

  constructor({
    bus,
    maxEntries,
    maxAge,
    maxBytes = 64 * 1024 * 1024,
    maxMessages = 50_000,
    now = Date.now,
    clock = systemClock,
  }: NearCacheOptions) {
    this.#bus = bus
    this.#maxAge = maxAge
    this.#now = now
    this.#clock = clock
    this.#messages = new RecentMessages({ clock, lifetime: REMEMBERED_FOR, maxIds: maxMessages })
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes / LARGEST_SHARE)),
      sizeCalculation: ({ entry }) => bytesOf(entry),
    })
    this.#stopListening = bus.onMessage((id, version) => this.drop(id, version))
  }

  get size(): number {
    return this.#entries.size
  }

  /** How much memory they take, in bytes, as `maxBytes` counts them. */
  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get(id: SessionId): NearEntry | undefined {
    if (!this.#bus.isHealthy) return undefined
    const kept = this.#entries.get(id)
    if (!kept) return undefined
    if (this.#isSound(kept)) return kept.entry
    this.#entries.delete(id)
    return undefined
  }

  begin(id: SessionId): NearTicket {
    return { id, epoch: this.#epoch, begunAt: this.#clock.monotonic() }
  }

  keep(ticket: NearTicket, entry: NearEntry): void {
    this.#forgetBelow(entry)
    const held = this.#entries.peek(entry.id)
    if (held && held.entry.version > entry.version) return
    if (held && held.entry.writeId !== entry.writeId) return void this.#entries.delete(entry.id)
    if (!this.#canKeep(ticket, entry)) return
    const kept = { entry: detached(entry, ticket), epoch: ticket.epoch, fetchedAt: ticket.begunAt }
    this.#entries.set(entry.id, held ? later(held, kept) : kept)
  }

  drop(id: SessionId, version: number): void {
    if (this.#isClosed) return
    const { overflows } = this.#messages
    this.#messages.add(id, version)
    if (this.#messages.overflows !== overflows) this.#entries.clear()
    else this.#forgetBelow({ id, version })
  }

  touch(id: SessionId, { version, expiresAt }: { version: number; expiresAt: number }): void {
    const kept = this.#entries.peek(id)
    if (kept?.entry.version !== version) return
    const { entry } = kept
    const moved = Math.min(expiresAt, entry.absoluteExpiresAt ?? Infinity)
    if (moved <= entry.expiresAt) return
    this.#entries.set(id, { ...kept, entry: { ...entry, expiresAt: moved } })
  }

  close(): void {
    this.#isClosed = true
    this.#stopListening()
    this.#entries.clear()
    this.#messages.clear()
  }

  /** Moves up with either of its parts, so that no two times share one. */
  get #epoch(): number {
    return this.#bus.epoch + this.#messages.overflows
  }

  #isSound({ entry, epoch, fetchedAt }: Kept): boolean {
    return (
      epoch === this.#epoch &&
      this.#clock.monotonic() - fetchedAt <= this.#maxAge &&
      entry.expiresAt > this.#now()
    )
  }

  #canKeep({ id, epoch, begunAt }: NearTicket, entry: NearEntry): boolean {
    return (
      !this.#isClosed &&
      this.#bus.isHealthy &&
      id === entry.id &&
      epoch === this.#epoch &&
      this.#clock.monotonic() - begunAt < REMEMBERED_FOR &&
      !this.#isOvertaken({ id, begunAt }, entry)
    )
  }

  /** What began after every version was ended brings what is there by now. */
  #isOvertaken({ id, begunAt }: Pick<NearTicket, 'id' | 'begunAt'>, entry: NearEntry): boolean {
    const { version, endedAt } = this.#messages.of(id)
    return version > entry.version || endedAt >= begunAt
  }

  #forgetBelow({ id, version }: Pick<NearEntry, 'id' | 'version'>): void {
    const kept = this.#entries.peek(id)
    if (kept && kept.entry.version < version) this.#entries.delete(id)
  }
}

/**
 * A text that was cut out of another one keeps all of that in memory: a reply of Redis, or of
 * Postgres for many sessions.
 */
function detached(entry: NearEntry, { id }: NearTicket): NearEntry {
  const { version, expiresAt, absoluteExpiresAt } = entry
  const [writeId, raw] = [copied(entry.writeId), copied(entry.raw)]
  return { id, version, writeId, raw, expiresAt, absoluteExpiresAt }
}

function copied(text: string): string {
  const encoding = text.isWellFormed() ? 'utf8' : 'utf16le'
  return Buffer.from(text, encoding).toString(encoding)
}

interface Kept {
  readonly entry: NearEntry
  readonly epoch: number

  /** When the read began that brought it: it may be as old as that. Monotonic ms. */
  readonly fetchedAt: number
}

/** Of two reads of one version: what the later one found, with the later expiry. */
function later(held: Kept, kept: Kept): Kept {
  if (held.epoch !== kept.epoch) return kept
  const { entry } = kept
  const expiresAt = Math.max(held.entry.expiresAt, entry.expiresAt)
  const fetchedAt = Math.max(held.fetchedAt, kept.fetchedAt)
  return { ...kept, fetchedAt, entry: { ...entry, expiresAt } }
}

/** How long a message is remembered, so that no read that began before it brings back what is old, ms. */
const REMEMBERED_FOR = 10_000

/** No session takes more than this part of the memory: one that is huge would push out all others. */
const LARGEST_SHARE = 64

/** A string takes one byte or two a character; 300 are for the objects and the list's own. */
function bytesOf({ id, raw }: NearEntry): number {
  return 2 * (id.length + raw.length) + 300
}
