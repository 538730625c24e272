import { createHash } from 'node:crypto'
import type { Trust } from '../../core/cache.js'
import { withDiscreetErrors, type Commands } from '../../drivers/redis/driver-error.js'
import { NodeRun, type NodeRunOptions } from './node-run.js'
import type { Stamp } from '../../drivers/redis/record-format.js'
import type { RedisClient, RedisNode } from '../../drivers/redis/redis-client.js'

/** What stands in a value that was written while the run was not known: no run is named so. */
export const UNKNOWN_RUN = '--------'

/**
 * Which run of Redis a client talks to (protocol rule 9). Every restart and every failover is
 * another run; what a value says of itself is believed only in the run in which it was written.
 *
 * In a Cluster all primaries together are one run: a value may move from one to another, and where
 * one of them fails over, the values of all are checked once.
 */
export class ServerRun {
  readonly #client: RedisClient
  readonly #options: NodeRunOptions
  /** Of a client that is no Cluster. */
  readonly #only: NodeRun | undefined
  readonly #nodes = new Map<RedisNode, NodeRun>()
  #isStopped = false
  #combined: { readonly of: string; readonly run: string } = { of: '', run: '' }

  constructor(client: RedisClient, options: NodeRunOptions) {
    this.#client = client
    this.#options = { ...options, onUntold: once(options.onUntold) }
    const isConnected = client.status === undefined || client.status === 'ready'
    if (client.nodes === undefined) this.#only = new NodeRun(client, this.#options)
    if (isConnected) for (const node of this.#primaries()) node.ask()
  }

  /** Eight characters; {@link UNKNOWN_RUN} while it is not known. */
  get current(): string {
    if (this.#only) return this.#only.current ?? UNKNOWN_RUN
    const runs = this.#primaries().map((node) => node.current)
    const [only, ...others] = runs
    if (only === undefined || others.includes(undefined)) return UNKNOWN_RUN
    return others.length === 0 ? only : this.#combine(runs as string[])
  }

  /** Resolves once what is being asked is known, or can not be; `undefined` where nothing is. */
  get asking(): Promise<unknown> | undefined {
    if (this.#only) return this.#only.asking
    const asking = this.#primaries().flatMap((node) => node.asking ?? [])
    return asking.length === 0 ? undefined : Promise.all(asking)
  }

  /** How far a record of this stamp is to be believed, where that lasts for `lease` ms. */
  trustIn(stamp: Stamp, lease: number): Trust {
    const { current } = this
    if (current === UNKNOWN_RUN || stamp.run !== current) return 'doubtful'
    // Further ahead than clocks can be apart: the server's was set back.
    return Math.abs(this.now() - stamp.confirmedAt) > lease ? 'due' : 'sound'
  }

  /** Redis's time as it is best known here, epoch ms. */
  now(): number {
    return this.#primaries()[0]?.now() ?? this.#options.clock.now()
  }

  /** Listens no more, whatever is asked of it later. */
  stop(): void {
    this.#isStopped = true
    this.#only?.stop()
    for (const run of this.#nodes.values()) run.stop()
    this.#nodes.clear()
  }

  #primaries(): readonly NodeRun[] {
    if (this.#isStopped) return []
    if (this.#only) return [this.#only]
    const nodes = this.#client.nodes?.('master') ?? []
    for (const node of this.#nodes.keys()) {
      if (!nodes.includes(node)) this.#forget(node)
    }
    return nodes.map((node) => this.#nodes.get(node) ?? this.#watch(node))
  }

  /** A Cluster connects to a node only when it is asked something. */
  #watch(node: RedisNode): NodeRun {
    const run = new NodeRun(node, this.#options)
    this.#nodes.set(node, run)
    run.ask()
    return run
  }

  #forget(node: RedisNode): void {
    this.#nodes.get(node)?.stop()
    this.#nodes.delete(node)
  }

  #combine(runs: readonly string[]): string {
    const of = [...runs].sort().join()
    if (this.#combined.of !== of) {
      const run = createHash('sha256').update(of).digest('hex').slice(0, UNKNOWN_RUN.length)
      this.#combined = { of, run }
    }
    return this.#combined.run
  }
}

/** Tells the first problem only: nobody waits for it, so what a logger throws is nobody's to catch. */
function once(tell: (problem: unknown) => void): (problem: unknown) => void {
  let isTold = false
  return (problem) => {
    if (isTold) return
    isTold = true
    try {
      tell(problem)
    } catch {
      // It may be the logger itself that threw: there is nobody left to tell.
    }
  }
}

/** A client's commands, and which run of Redis it talks to. */
export interface WatchedClient {
  readonly client: Commands
  readonly run: ServerRun
}

/** Begins to watch which run a client talks to, once there is one. */
export async function watchRun(
  client: RedisClient | Promise<RedisClient>,
  options: NodeRunOptions,
): Promise<WatchedClient> {
  const connected = await client
  return { client: withDiscreetErrors(connected), run: new ServerRun(connected, options) }
}
