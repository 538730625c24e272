import type { LoadedSession, SessionCursor, SessionEngine, SessionId } from '../../../src/index.js'
import { seenOf, type ChaosContent } from '../history/seen.js'
import type { Journal } from './journal.js'

const TTL = 3_600_000

/** What is touched lasts longer than what was written at the same time. ms. */
const LEAST_TOUCHED = 1.5 * TTL

/** What a holder of a session has of it: where it stands, and its own object. */
interface Holding {
  readonly cursor: SessionCursor
  readonly content: ChaosContent
}

/** The cookie's id of a labelled session: long enough to be one. */
export function cookieIdOf(label: string): string {
  return `${label}:a-cookie-of-the-chaos-suite-that-nobody-else-has`
}

/** Does single operations on labelled sessions, each told to the journal. */
export class Actor {
  readonly #held = new Map<string, Holding>()

  constructor(
    private readonly engine: SessionEngine,
    private readonly journal: Journal,
  ) {}

  /** Gives up what it had of sessions before. */
  forget(): void {
    this.#held.clear()
  }

  /** Reads a session; a failure is in the journal. */
  async read(label: string): Promise<LoadedSession | undefined> {
    const id = this.#idOf(label)
    return this.journal.record({ kind: 'read', session: label }, async () => {
      const session = await this.engine.read(id)
      return session ? { value: session, seen: seenOf(session, session.tier) } : { value: session }
    })
  }

  /**
   * Adds a key of its own to a session, and begins the session where there is none: upon what it reads now, or, where
   * it may be `stale`, upon what it had before. Answers what became of it, or `undefined` where that failed.
   */
  async write(label: string, stale = false): Promise<string | undefined> {
    return this.#write(label, (stale ? this.#take(label) : undefined) ?? (await this.#load(label)))
  }

  /** Begins a session, a user's where one is named, without looking whether it is there: as a login does. */
  begin(label: string, userId?: string): Promise<string | undefined> {
    return this.#write(
      label,
      newHolding({ label, ...(userId !== undefined && { userId }), keys: {} }),
    )
  }

  /** Writes to each session, upon what it reads first, in this order and at the same moment. */
  async writeAll(labels: readonly string[]): Promise<void> {
    const holdings = await Promise.all(labels.map((label) => this.#load(label)))
    await Promise.all(labels.map((label, index) => this.#write(label, holdings[index]!)))
  }

  /** Touches each session, in this order and at the same moment. */
  async touchAll(labels: readonly string[]): Promise<void> {
    const sessions = await Promise.all(labels.map((label) => this.read(label)))
    await Promise.all(labels.map((label, index) => this.#touch(label, sessions[index])))
  }

  async #write(label: string, { cursor, content }: Holding): Promise<string | undefined> {
    const key = this.journal.nextKey()
    const mine: ChaosContent = { ...content, label, keys: { ...content.keys, [key]: true } }
    const id = this.#idOf(label)
    const outcome = await this.journal.record({ kind: 'write', session: label, key }, async () => {
      const value = await this.engine.write(id, { content: { ...mine }, ttl: TTL, cursor })
      if (value !== 'written' || typeof cursor.base === 'string') return { value, outcome: value }
      return { value, outcome: value, seen: seenOf(cursor.base) }
    })
    if (outcome === 'written') this.#held.set(label, { cursor, content: mine })
    return outcome
  }

  /** Moves a session's expiry; says so as soon as it is asked for, for it is always behind. */
  async touch(label: string): Promise<void> {
    await this.#touch(label, await this.read(label))
  }

  async #touch(label: string, session: LoadedSession | undefined): Promise<void> {
    if (!session) return
    await this.journal.record({ kind: 'touch', session: label }, async () => ({
      value: this.engine.touch(session, LEAST_TOUCHED + Math.random() * TTL),
    }))
  }

  /** Ends a session; `undefined` where that failed. */
  async destroy(label: string): Promise<boolean | undefined> {
    const id = this.#idOf(label)
    this.#held.delete(label)
    return this.journal.record({ kind: 'destroy', session: label }, async () => {
      const value = await this.engine.remove(id, 'chaos')
      return { value, outcome: value ? 'ended' : 'absent' }
    })
  }

  /** A cursor is one request's: two that move it on together would take each other's keys for deleted. */
  #take(label: string): Holding | undefined {
    const holding = this.#held.get(label)
    this.#held.delete(label)
    return holding
  }

  async #load(label: string): Promise<Holding> {
    const session = await this.read(label)
    if (!session) return newHolding({ label, keys: {} })
    return { cursor: { base: session }, content: session.content as unknown as ChaosContent }
  }

  #idOf(label: string): SessionId {
    return this.engine.idOf(cookieIdOf(label))!
  }
}

function newHolding(content: ChaosContent): Holding {
  return { cursor: { base: 'new' }, content }
}
