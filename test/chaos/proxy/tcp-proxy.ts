import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { breakOff } from './break-off.js'
import { Connection, type ConnectionKind, type Direction } from './connection.js'
import type { LaneMode } from './lane.js'

/** Which connections, and which way; all of them, and both ways, where it is not said. */
export interface Reach {
  readonly only?: ConnectionKind | undefined
  readonly direction?: Direction | undefined
}

/** How a {@link TcpProxy} is opened. */
export interface TcpProxyOptions {
  /** The server's URL; `redis:` makes the proxy know subscribers, and replies from one another. */
  readonly server: string
}

const PASS: LaneMode = { kind: 'pass' }

/**
 * A way to one server, on a port of its own at 127.0.0.1, that can be broken. What it is told applies to the
 * connections that there are, and to those that come; what was told last counts, for what it reaches.
 *
 * A connection of which bytes were swallowed is reset as soon as it could pass again: TCP knows no stream with a hole.
 */
export class TcpProxy {
  /** The server's URL, by way of this proxy. */
  readonly url: string
  readonly #connections = new Set<Connection>()
  readonly #modes = new Map<string, LaneMode>()
  readonly #cut = new Set<ConnectionKind>()
  #target: URL
  #timer: NodeJS.Timeout | undefined

  private constructor(
    private readonly server: Server,
    private readonly home: URL,
  ) {
    this.#target = home
    const url = new URL(home)
    url.hostname = '127.0.0.1'
    url.port = String((server.address() as AddressInfo).port)
    this.url = url.href
    server.on('connection', (client) => this.#accept(client))
  }

  /** Opens a proxy that passes everything. The caller closes it. */
  static async open({ server }: TcpProxyOptions): Promise<TcpProxy> {
    const listener = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1')
    await once(listener, 'listening')
    return new TcpProxy(listener, new URL(server))
  }

  /** How many connections there are of a kind, or in all. */
  count(kind?: ConnectionKind): number {
    return [...this.#connections].filter((each) => kind === undefined || each.kind === kind).length
  }

  /**
   * Everything passes again to where the proxy was opened to, and what was held goes on; connections that have lost
   * bytes, or lead elsewhere, are reset.
   */
  pass(): void {
    clearTimeout(this.#timer)
    if (this.#target !== this.home) this.#lead(this.home)
    this.#modes.clear()
    this.#cut.clear()
    this.#update()
  }

  /** Breaks the connections, and each new one at once. */
  cut({ only }: Pick<Reach, 'only'> = {}): void {
    for (const kind of kindsOf(only)) this.#cut.add(kind)
    this.reset({ only })
  }

  /** Breaks the connections that there are. */
  reset({ only }: Pick<Reach, 'only'> = {}): void {
    for (const each of this.#connections) {
      if (only === undefined || each.kind === only) each.reset()
    }
  }

  /** Breaks the connections that there are, and leads each new one to another server, as a failover does. */
  leadTo(server: string): void {
    this.#lead(new URL(server))
  }

  /** Connections stay open, new ones are accepted, and what is sent is lost; one way makes them half-open. */
  blackhole(reach: Reach = {}): void {
    this.#set({ kind: 'swallow' }, reach)
  }

  /** What is sent arrives so much later, in its order. ms. */
  delay(ms: number, reach: Reach = {}): void {
    this.#set({ kind: 'delay', ms }, reach)
  }

  /** What is sent waits until {@link TcpProxy.pass}, and arrives then. */
  hold(reach: Reach = {}): void {
    this.#set({ kind: 'hold' }, reach)
  }

  /**
   * Requests arrive and the next replies (chunks of bytes) are lost, so many of them or for so long; then the
   * connections that lost any are reset, and the rest passes. `dropped` is told of each.
   */
  dropReplies(
    until: { readonly replies: number } | { readonly ms: number },
    dropped: () => void = () => {},
  ): void {
    let left = 'replies' in until ? until.replies : Infinity
    const swallowed = () => {
      left--
      dropped()
      if (left === 0) setImmediate(() => this.pass())
    }
    this.#set({ kind: 'swallow', swallowed }, { direction: 'replies' })
    if ('ms' in until) this.#timer = setTimeout(() => this.pass(), until.ms)
  }

  /**
   * Exchanges two replies of one connection, so many times; `swapped` is told each time. Redis only, and only bulk
   * strings that differ, elements of arrays among them. A subscriber is told what belongs together, and keeps it.
   */
  swapReplies(times = 1, swapped: () => void = () => {}): void {
    const reach = { only: 'commands', direction: 'replies' } as const
    let left = times
    const allowed = () => {
      if (left === 0) return false
      left--
      swapped()
      if (left === 0) setImmediate(() => this.#set(PASS, reach))
      return true
    }
    this.#set({ kind: 'swap', allowed }, reach)
  }

  /** Breaks what there is, and listens no more. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.reset()
    this.server.close()
    await once(this.server, 'close')
  }

  #accept(client: Socket): void {
    if (this.#cut.has('commands') && this.#cut.has('subscribers')) {
      return breakOff(client.on('error', () => {}))
    }
    const connection: Connection = new Connection(client, {
      target: { host: this.#target.hostname, port: Number(this.#target.port) },
      isRedis: this.#target.protocol === 'redis:',
      mode: (kind, direction) => this.#modes.get(`${kind} ${direction}`) ?? PASS,
      onSubscriber: () => {
        if (this.#cut.has('subscribers')) connection.reset()
      },
      onClose: () => this.#connections.delete(connection),
    })
    this.#connections.add(connection)
  }

  #lead(target: URL): void {
    this.#target = target
    this.reset()
  }

  #set(mode: LaneMode, { only, direction }: Reach): void {
    for (const kind of kindsOf(only)) {
      for (const each of direction ? [direction] : (['requests', 'replies'] as const)) {
        this.#modes.set(`${kind} ${each}`, mode)
      }
    }
    this.#update()
  }

  #update(): void {
    for (const each of this.#connections) each.update()
  }
}

function kindsOf(only: ConnectionKind | undefined): readonly ConnectionKind[] {
  return only ? [only] : ['commands', 'subscribers']
}
