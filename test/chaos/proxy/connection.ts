import { connect, type Socket } from 'node:net'
import { breakOff } from './break-off.js'
import { Lane, type LaneMode } from './lane.js'

/** `requests` go to the server, `replies` come from it. */
export type Direction = 'requests' | 'replies'

/** What a connection is there for: a Redis subscriber is told by the SUBSCRIBE that its client sent. */
export type ConnectionKind = 'subscribers' | 'commands'

/** What a {@link Connection} needs of its proxy. */
export interface ConnectionOptions {
  readonly target: { readonly host: string; readonly port: number }
  readonly isRedis: boolean
  readonly mode: (kind: ConnectionKind, direction: Direction) => LaneMode
  /** The client turned out to be a subscriber. */
  readonly onSubscriber: () => void
  readonly onClose: () => void
}

const SUBSCRIBE = /\$\d+\r\n[ps]?subscribe\r\n/i

/** A client subscribes at the beginning of its connection: so many bytes are looked at. */
const LOOKED_AT = 16_384

/** One client's connection, and the one to the server that is made for it. */
export class Connection {
  kind: ConnectionKind = 'commands'
  readonly #server: Socket
  readonly #lanes: Readonly<Record<Direction, Lane>>
  #sent = ''
  #open = 2

  constructor(
    private readonly client: Socket,
    private readonly options: ConnectionOptions,
  ) {
    const { isRedis, mode, target } = options
    this.#server = connect({ ...target, allowHalfOpen: true })
    this.#lanes = {
      requests: new Lane(
        { from: client, to: this.#server },
        () => mode(this.kind, 'requests'),
        false,
      ),
      replies: new Lane(
        { from: this.#server, to: client },
        () => mode(this.kind, 'replies'),
        isRedis,
      ),
    }
    this.#wire(client, this.#lanes.requests)
    this.#wire(this.#server, this.#lanes.replies)
    if (isRedis) client.on('data', (bytes) => this.#look(bytes))
  }

  /** Looks at the modes again; what has lost bytes breaks as soon as it could pass again. */
  update(): void {
    const { requests, replies } = this.#lanes
    for (const [direction, lane] of [
      ['requests', requests],
      ['replies', replies],
    ] as const) {
      const isSwallowing = this.options.mode(this.kind, direction).kind === 'swallow'
      if (lane.hasLost && !isSwallowing) return this.reset()
    }
    requests.update()
    replies.update()
  }

  /** Breaks both sides, as a machine does that does not know of the connection. */
  reset(): void {
    for (const lane of Object.values(this.#lanes)) lane.close()
    for (const socket of [this.client, this.#server]) breakOff(socket)
  }

  #wire(socket: Socket, lane: Lane): void {
    socket.setNoDelay(true)
    let hasEnded = false
    socket.on('data', (bytes) => lane.push(bytes))
    socket.on('end', () => {
      hasEnded = true
      lane.push('end')
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      if (!hasEnded) lane.push('reset')
      if (--this.#open > 0) return
      for (const each of Object.values(this.#lanes)) each.close()
      this.options.onClose()
    })
  }

  #look(bytes: Buffer): void {
    if (this.kind === 'subscribers' || this.#sent.length > LOOKED_AT) return
    this.#sent += bytes.toString('latin1', 0, LOOKED_AT)
    if (!SUBSCRIBE.test(this.#sent)) return
    this.kind = 'subscribers'
    this.#sent = ''
    this.options.onSubscriber()
    this.update()
  }
}
