import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import type { Random } from '../../model/random.js'
import { dropDatabase } from '../../services/database.js'
import type { HistoryEvent } from '../history/operation.js'
import { TcpProxy } from '../proxy/tcp-proxy.js'
import { eventually } from '../scene/eventually.js'
import type { Sample, WorkerOptions } from '../worker/commands.js'
import { monotonicNow } from '../worker/journal.js'
import type { Servers } from './servers.js'
import type { WorkerProcess } from './worker-process.js'

const LOOK_EVERY = 50

/** Longer than any deadline, pause or breaker of the library lasts, ms. */
const LONGEST_RECOVERY = 15_000
const LONGEST_CLOSE = 5_000

/** One worker on stage: its process, and its own way to each server. */
export interface StageWorker {
  readonly name: string
  readonly redis: TcpProxy
  readonly postgres: TcpProxy
  process: WorkerProcess

  /** What its operations are logged under: another one for each process, and each time sessions are opened. */
  alias: string

  /** Whether it was killed or dismissed, and nothing has taken its place yet. */
  isAway: boolean
}

/** What a {@link Stage} is set up with. */
export interface StageOptions {
  readonly servers: Servers
  readonly random: Random
  readonly workers: number

  /** How each worker opens its sessions, by its number from 0. */
  readonly optionsOf: (worker: number) => Partial<WorkerOptions>
}

/** Where one scenario is played: its database and prefix, its workers and their proxies, and what was heard. */
export class Stage {
  readonly servers: Servers
  readonly random: Random
  readonly workers: StageWorker[] = []

  /** What the workers logged and which faults were made, as it came. */
  readonly events: HistoryEvent[] = []

  /** Keys of this stage begin with it. */
  readonly prefix = `chaos:${randomBytes(4).toString('hex')}:`

  /** The aliases of workers that were killed. */
  readonly killed = new Set<string>()

  /** Which events the engines had told of by the last sample of each, by alias. */
  readonly counts = new Map<string, Sample['events']>()
  readonly #replacing = new Map<StageWorker, Promise<void>>()
  #started = 0

  private constructor(
    private readonly options: StageOptions,
    readonly databaseUrl: string,
  ) {
    this.servers = options.servers
    this.random = options.random
  }

  /** Sets a stage up, with sessions open in each worker. The caller closes it. */
  static async open(options: StageOptions): Promise<Stage> {
    const { servers, workers } = options
    const stage = new Stage(options, await servers.postgres.createDatabase())
    try {
      await servers.admin.flushall()
      // The first one makes the tables.
      await stage.#addWorker(0)
      const others = Array.from({ length: workers - 1 }, (_, number) => number + 1)
      await Promise.all(others.map((number) => stage.#addWorker(number)))
      return stage
    } catch (error) {
      await stage.close()
      throw error
    }
  }

  /** Writes down that a fault was made. */
  note(fault: string): void {
    this.events.push({ type: 'fault', at: monotonicNow(), fault })
  }

  /** Asks the ledger itself. */
  async query<Row extends object>(text: string, params: readonly unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.databaseUrl })
    client.on('error', () => {})
    await client.connect()
    try {
      return (await client.query<Row>(text, [...params])).rows
    } finally {
      await client.end()
    }
  }

  /** Kills a worker; it stays away until {@link Stage.replace}. One that is away already stays so. */
  async kill(worker: StageWorker): Promise<void> {
    if (worker.isAway) return
    mustRun(worker)
    this.killed.add(worker.alias)
    worker.isAway = true
    await worker.process.kill()
  }

  /** Tells a worker to end when it has finished what it is about; it stays away until {@link Stage.replace}. */
  async dismiss(worker: StageWorker): Promise<void> {
    mustRun(worker)
    worker.isAway = true
    await worker.process.kill('SIGTERM')
  }

  /** Puts a new process in the place of a worker that is not there; who asks meanwhile waits for the same one. */
  async replace(worker: StageWorker): Promise<void> {
    const replacing = this.#replacing.get(worker)
    if (replacing) return replacing
    if (worker.process.isRunning) return
    const replaced = this.#replace(worker).finally(() => this.#replacing.delete(worker))
    this.#replacing.set(worker, replaced)
    return replaced
  }

  /** A worker is told to end, and a new process takes its place, with the options that it is to have now. */
  async roll(worker: StageWorker): Promise<void> {
    await this.dismiss(worker)
    await eventually(() => !worker.process.isRunning, LONGEST_CLOSE)
    await this.replace(worker)
  }

  /** Everything works again: servers, proxies and workers. @throws Error where a worker has ended by itself. */
  async heal(): Promise<void> {
    await this.servers.heal()
    for (const { redis, postgres } of this.workers) {
      redis.pass()
      postgres.pass()
    }
    for (const worker of this.workers) if (!worker.isAway) mustRun(worker)
    const away = this.workers.filter(({ process }) => !process.isRunning)
    await Promise.all(away.map((worker) => this.replace(worker)))
  }

  /**
   * Resolves when every tier answers each worker, nothing waits in any queue, and every repair was made. Each worker has
   * answered after the last of them, and so heard what it was told before.
   */
  async quiet(): Promise<void> {
    await eventually(
      async () => {
        if (!(await this.#isIdle())) return false
        const repairs = await this.query('select from session_repairs limit 1')
        return repairs.length === 0 && this.#isIdle()
      },
      2 * LONGEST_RECOVERY,
      LOOK_EVERY,
    )
  }

  /** How each worker that runs does; it is in the history, too. */
  async sample(): Promise<readonly Sample[]> {
    const running = this.workers.filter(({ process }) => process.isRunning)
    return Promise.all(running.map((worker) => this.sampleOf(worker)))
  }

  /** How one worker does; it is in the history, too. Rejects where it does not run. */
  async sampleOf({ alias, process }: StageWorker): Promise<Sample> {
    const sample = await process.sample()
    const { queues, heapUsed, events } = sample
    this.counts.set(alias, events)
    this.events.push({ type: 'sample', worker: alias, at: monotonicNow(), queues, heapUsed })
    return sample
  }

  /** Closes what was opened here; the servers and the workers that still run are kept for the next. */
  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => this.#retire(worker)))
    await this.servers.heal()
    await dropDatabase(this.servers.postgres.url, this.databaseUrl)
  }

  async #isIdle(): Promise<boolean> {
    const samples = await this.sample()
    // What never arrived in Postgres is looked for there for minutes; nobody waits for that.
    return samples.every(
      ({ status, queues: { unknown: _, ...queues } }) =>
        status === 'ok' && Object.values(queues).every((size) => size === 0),
    )
  }

  async #replace(worker: StageWorker): Promise<void> {
    const gone = worker.process
    worker.process = await this.servers.takeWorker()
    await this.servers.giveBack(gone)
    await this.#open(worker)
    worker.isAway = false
  }

  async #addWorker(number: number): Promise<void> {
    const { redis, postgres } = this.servers
    const worker: StageWorker = {
      name: `w${number}`,
      redis: await TcpProxy.open({ server: redis.url }),
      postgres: await TcpProxy.open({ server: postgres.url }),
      process: await this.servers.takeWorker(),
      alias: '',
      isAway: false,
    }
    this.workers[number] = worker
    await this.#open(worker)
  }

  async #open(worker: StageWorker): Promise<void> {
    const { name, redis, postgres, process } = worker
    worker.alias = `${name}.${++this.#started}`
    const databaseUrl = new URL(this.databaseUrl)
    databaseUrl.port = new URL(postgres.url).port
    process.onEvent = (event) => this.events.push(event)
    await process.ask({
      do: 'open',
      name: worker.alias,
      options: {
        ...this.options.optionsOf(Number(name.slice(1))),
        redisUrl: redis.url,
        databaseUrl: databaseUrl.href,
        prefix: this.prefix,
      },
    })
  }

  async #retire({ process, redis, postgres }: StageWorker): Promise<void> {
    redis.pass()
    postgres.pass()
    if (process.isRunning) {
      await process.kill('SIGCONT')
      const late = setTimeout(() => void process.kill(), LONGEST_CLOSE)
      await process.ask({ do: 'close' }).catch(() => process.kill())
      clearTimeout(late)
    }
    await this.servers.giveBack(process)
    await Promise.all([redis.close(), postgres.close()])
  }
}

function mustRun({ alias, process }: StageWorker): void {
  if (!process.isRunning) throw new Error(`${alias} has ended by itself. ${process.problems}`)
}
