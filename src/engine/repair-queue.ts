import type { Clock } from '../core/clock.js'
import { ClosedError } from '../core/errors.js'
import type { EventHub } from '../core/events.js'
import { MAX_VERSION, type NotedRepair, type Repair } from '../core/ledger.js'
import type { SessionId } from '../core/session-id.js'
import type { Batcher } from './batcher.js'
import { within } from './deadline.js'
import type { GuardedCache } from './guarded-cache.js'
import type { GuardedLedger } from './guarded-ledger.js'
import { keepNewest } from './keep-newest.js'
import { createLedgerBatcher } from './ledger-batcher.js'
import { Rounds } from './rounds.js'
import { isForeign } from './untold.js'

const EVERY = 1_000
const PAGE = 500
const MOST_UNWRITTEN = 10_000

/** What a {@link RepairQueue} works with. */
export interface RepairQueueOptions {
  readonly ledger: GuardedLedger
  readonly cache: () => GuardedCache
  readonly clock: Clock
  readonly events: EventHub
}

/**
 * What the cache could not be told is written down in the ledger (protocol rule 14), and every
 * process that reaches the cache applies what is written down once a second. So a process that
 * alone is cut off from the cache leaves nobody with an old record for longer than that.
 */
export class RepairQueue {
  readonly #options: RepairQueueOptions
  readonly #notes: Batcher<Repair, undefined>
  /** What the ledger could not be told either; bounded, the oldest gives way. */
  readonly #unwritten = new Map<SessionId, Repair>()
  readonly #noting = new Set<Promise<void>>()
  readonly #rounds: Rounds
  #applying: Promise<void> | undefined
  #writing: Promise<void> | undefined
  #isStopped = false
  #isUnread = false
  #reads = 0

  constructor(options: RepairQueueOptions) {
    this.#options = options
    const round = (): Promise<void> => this.#round()
    this.#rounds = new Rounds({ clock: options.clock, every: EVERY, round })
    this.#notes = createLedgerBatcher(options.ledger, 'note repairs', async (repairs) => {
      await options.ledger.call('note repairs', (ledger) => ledger.noteRepairs(repairs))
      return repairs.map(() => undefined)
    })
  }

  /** Begins to apply repairs, each second. */
  start(): void {
    this.#rounds.begin()
  }

  /** Begins no more, ends what is under way, and writes down what is kept. Never rejects. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#rounds.stop()
    await Promise.all([this.#applying, this.#writing, ...this.#noting])
    await this.#options.cache().repairs.tellUntold().catch(ignore)
    await this.#inBackground(() => this.#writeDown())
  }

  /**
   * Writes down that the cache may hold less than this version. Never rejects: what fails is kept,
   * and tried again.
   *
   * @param since - when whoever waits for it began, monotonic ms: where the ledger has had its time
   * since then, this resolves, and goes on.
   */
  async note(repair: Repair, since?: number): Promise<void> {
    const { timeout, clock } = this.#options.ledger
    const noted = this.#notes.submit(repair).catch(() => this.#keep(repair))
    this.#noting.add(noted)
    void noted.then(() => this.#noting.delete(noted))
    if (since === undefined) await noted
    else await within(noted, Math.max(0, since + timeout - clock.monotonic()), clock)
  }

  /**
   * Applies all that is written down, and what could not be: of that the cache is told from here.
   * Rejects where the ledger or the cache can not be reached.
   */
  async apply(): Promise<void> {
    await this.#tellUnwritten()
    while (await this.#applyPage()) if (this.#isStopped) throw new ClosedError()
  }

  /** Whether the ledger, when it was asked last for what is written down, has not said it. */
  get isUnread(): boolean {
    return this.#isUnread
  }

  /** How many repairs wait in memory. */
  get size(): number {
    return this.#unwritten.size + this.#notes.size
  }

  /**
   * What is kept is written down for the others, though this process does not reach the cache; and what it knows of by
   * itself the cache is told, though the ledger does not answer.
   */
  async #round(): Promise<void> {
    const cache = this.#options.cache()
    const { isReachable } = cache
    this.#writing ??= this.#inBackground(() => this.#writeDown()).finally(
      () => (this.#writing = undefined),
    )
    if (!isReachable) return
    this.#applying ??= this.#inBackground(() => this.#applyInRound()).finally(
      () => (this.#applying = undefined),
    )
    await cache.repairs.tellUntold().catch(ignore)
  }

  async #inBackground(task: () => Promise<void>): Promise<void> {
    try {
      await task()
    } catch (error) {
      this.#failed(error)
    }
  }

  async #tellUnwritten(): Promise<void> {
    const cache = this.#options.cache()
    const ids = [...this.#unwritten.keys()]
    for (let start = 0; start < ids.length; start += PAGE) {
      const page = ids.slice(start, start + PAGE)
      const outcomes = await Promise.allSettled(
        page.map((id) => cache.repairs.repair(id, MAX_VERSION)),
      )
      const failures = outcomes.flatMap((each) =>
        each.status === 'rejected' && !isForeign(each.reason) ? [each.reason as unknown] : [],
      )
      if (failures.length === 0) continue
      cache.distrust()
      throw failures[0]
    }
  }

  /** Whoever goes on applies the rest after this process has ended. */
  async #applyInRound(): Promise<void> {
    while ((await this.#applyPage()) && !this.#isStopped);
  }

  /** Whether there may be more to apply. */
  async #applyPage(): Promise<boolean> {
    const repairs = await this.#read()
    const cache = this.#options.cache()
    const outcomes = await Promise.allSettled(
      // Not up to its version: of a ledger that lost commits, the cache may hold a higher one.
      repairs.map(({ id }) => cache.repairs.repair(id, MAX_VERSION)),
    )
    const failures = outcomes.flatMap((each) =>
      each.status === 'rejected' ? [each.reason as unknown] : [],
    )
    const isPassable = failures.length < PAGE && failures.every(isForeign)
    if (!isPassable) cache.distrust()
    const told = repairs.filter((_, index) => outcomes[index]?.status === 'fulfilled')
    await this.#settle(told)
    if (!isPassable) throw failures.find((error) => !isForeign(error)) ?? failures[0]
    for (const error of failures) this.#failed(error)
    return repairs.length === PAGE
  }

  /** Of two questions at a time the later one says whether the ledger answers. */
  async #read(): Promise<readonly NotedRepair[]> {
    const number = ++this.#reads
    const asked = this.#options.ledger.call('read repairs', (ledger) => ledger.pendingRepairs(PAGE))
    const answered = (isUnread: boolean): void => {
      if (number === this.#reads) this.#isUnread = isUnread
    }
    asked.then(
      () => answered(false),
      () => answered(true),
    )
    return asked
  }

  async #settle(repairs: readonly NotedRepair[]): Promise<void> {
    if (repairs.length === 0) return
    const { ledger, events } = this.#options
    await ledger.call('settle repairs', (each) => each.settleRepairs(repairs))
    events.emit('repaired', { sessions: repairs.length })
  }

  #failed(error: unknown): void {
    this.#options.events.emit('background-failure', { task: 'repair', error })
  }

  async #writeDown(): Promise<void> {
    if (this.#unwritten.size === 0) return
    const repairs = [...this.#unwritten.values()]
    await this.#options.ledger.call('note repairs', (ledger) => ledger.noteRepairs(repairs))
    for (const repair of repairs) {
      if (this.#unwritten.get(repair.id) === repair) this.#unwritten.delete(repair.id)
    }
  }

  #keep(repair: Repair): void {
    keepNewest(this.#unwritten, [repair.id, repair], MOST_UNWRITTEN)
  }
}

/** What is told next to it, as it is written down, is an event where that fails. */
function ignore(): void {
  return undefined
}
