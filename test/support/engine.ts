import type { SessionLedger } from '../../src/core/ledger.js'
import type { SessionContent } from '../../src/core/merge.js'
import type { SessionId } from '../../src/core/session-id.js'
import { toEngineSettings, type SessionOptions } from '../../src/core/session-options.js'
import { createEvents, type EventHub, type SessionEventName } from '../../src/core/events.js'
import type { LoadedSession } from '../../src/engine/loaded-session.js'
import type { SessionCursor, WriteOutcome } from '../../src/engine/session-write.js'
import { SessionEngine } from '../../src/engine/session-engine.js'
import { MemoryLedger } from '../../src/ledgers/memory/memory-ledger.js'
import { MemoryStorage } from '../../src/ledgers/memory/memory-storage.js'
import { ChaosCache } from '../../src/testing/chaos-cache.js'
import { ChaosLedger } from '../../src/testing/chaos-ledger.js'
import { anId } from '../../src/testing/fixtures.js'
import { ManualClock } from '../../src/testing/manual-clock.js'
import { NearCache } from '../../src/caches/near/near-cache.js'
import { FakeBus } from './fake-bus.js'
import { InProcessCache } from './in-process-cache.js'

export const SECOND = 1_000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** What the processes of one deployment share. */
export class World {
  readonly clock = new ManualClock()
  readonly storage = new MemoryStorage()
  readonly sharedCache = new InProcessCache(this.clock)
  readonly #buses: FakeBus[] = []

  /** The shared storage, past every failure. */
  readonly truth = new MemoryLedger({ storage: this.storage, clock: this.clock })

  constructor() {
    this.sharedCache.onChange = (id, version) => {
      for (const bus of this.#buses) if (bus.isHealthy) bus.tell(id, version)
    }
  }

  /** Begins a process with a cache, and a memory of its own. */
  startNear(options: SessionOptions = {}): Process & { readonly bus: FakeBus } {
    const bus = new FakeBus()
    this.#buses.push(bus)
    const cache = new ChaosCache(this.sharedCache)
    const process = new Process(this, { options, ledger: this.truth, cache, bus })
    return Object.assign(process, { bus })
  }

  /** Begins a process with a cache. */
  start(options: SessionOptions = {}, ledger: SessionLedger = this.truth): Process {
    return new Process(this, { options, ledger, cache: new ChaosCache(this.sharedCache) })
  }

  /** Begins a process over the ledger alone. */
  startWithoutCache(options: SessionOptions = {}, ledger: SessionLedger = this.truth): Process {
    return new Process(this, { options, ledger, cache: undefined })
  }

  /** What the ledger holds for an id, as its kind, or its parsed data. */
  async held(id: SessionId): Promise<unknown> {
    const held = (await this.truth.read([id])).get(id)
    return held?.kind === 'live' ? JSON.parse(held.record.data) : (held?.kind ?? 'absent')
  }

  /** When the ledger's session ends, ms from now on. */
  ttlOf({ id }: Held): number {
    return this.storage.sessions.get(id)!.expiresAt - this.clock.now()
  }

  /** What the cache holds for an id, as its kind, or its parsed data. */
  async cached(id: SessionId): Promise<unknown> {
    const held = await this.sharedCache.read(id)
    return held.kind === 'live' ? JSON.parse(held.record.data) : held.kind
  }

  /** The version that ledger and cache hold for an id. */
  async versions(id: SessionId): Promise<[ledger: number | undefined, cache: number | undefined]> {
    const [inLedger, inCache] = [
      (await this.truth.read([id])).get(id),
      await this.sharedCache.read(id),
    ]
    return [
      inLedger?.kind === 'live' ? inLedger.record.version : inLedger?.version,
      inCache.kind === 'live' ? inCache.record.version : undefined,
    ]
  }
}

interface ProcessParts {
  readonly options: SessionOptions
  readonly ledger: SessionLedger
  readonly cache: ChaosCache | undefined
  readonly bus?: FakeBus
}

/** One process: an engine over tiers that can be told to fail. */
export class Process {
  readonly engine: SessionEngine
  readonly ledger: ChaosLedger
  readonly #cache: ChaosCache | undefined
  readonly #heard: { readonly name: string; readonly event: unknown }[] = []

  constructor(world: World, { options, ledger, cache, bus }: ProcessParts) {
    const settings = toEngineSettings({ sweepEvery: false, clock: world.clock, ...options })
    this.ledger = new ChaosLedger(ledger)
    this.#cache = cache
    const events = createEvents(settings.logger)
    this.#listen(events)
    const near = bus && { bus, tier: nearOver(bus, world) }
    this.engine = new SessionEngine({ ledger: this.ledger, cache, near, settings, events })
  }

  get cache(): ChaosCache {
    if (!this.#cache) throw new TypeError('This process has no cache')
    return this.#cache
  }

  /** The events of this name so far. */
  heard(name: SessionEventName): unknown[] {
    return this.#heard.filter((each) => each.name === name).map(({ event }) => event)
  }

  /** Begins a session, and stands where its request would. */
  async begin(content: SessionContent = { visits: 1 }, ttl = HOUR): Promise<Held> {
    const session = new Held(this.engine, anId(), { base: 'new' })
    await session.save(content, ttl)
    return session
  }

  /** Loads a session, as a request does. */
  async load(id: SessionId): Promise<Held> {
    const session = await this.engine.read(id)
    if (!session) throw new TypeError('There is no such session')
    return new Held(this.engine, id, { base: session })
  }

  /** What a read finds in a session. */
  async read(id: SessionId): Promise<SessionContent | undefined> {
    return (await this.engine.read(id))?.content
  }

  #listen(events: EventHub): void {
    const names: readonly SessionEventName[] = [
      'conflict',
      'write-after-destroy',
      'revoked',
      'corrupt-record',
      'cache-failure',
      'cache-state',
      'ledger-failure',
      'repaired',
      'swept',
      'background-failure',
    ]
    for (const name of names) events.on(name, (event) => this.#heard.push({ name, event }))
  }
}

function nearOver(bus: FakeBus, { clock }: World): NearCache {
  return new NearCache({ bus, maxEntries: 100, maxAge: 2 * SECOND, clock, now: () => clock.now() })
}

/** A session in the hands of a request. */
export class Held {
  constructor(
    private readonly engine: SessionEngine,
    readonly id: SessionId,
    readonly cursor: SessionCursor,
  ) {}

  /** What was loaded, or saved last. */
  get loaded(): LoadedSession {
    return this.cursor.base as LoadedSession
  }

  save(content: SessionContent, ttl = HOUR): Promise<WriteOutcome> {
    return this.engine.write(this.id, { content, ttl, cursor: this.cursor })
  }

  touch(ttl = HOUR): void {
    this.engine.touch(this.loaded, ttl)
  }
}

/** Lets what was begun go as far as it can without time. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}
