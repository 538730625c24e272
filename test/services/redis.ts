import { requireBinary } from './binaries.ts'
import { PrivateServer } from './private-server.ts'

/** How {@link startRedis} starts a server. */
export interface RedisOptions {
  /** More arguments of `redis-server`, such as `['--maxmemory', '4mb']`; a later one wins. */
  readonly args?: readonly string[]
}

/** A Redis of a test's own. */
export interface RedisServer {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Sends the signal (SIGKILL) and resolves when the server is gone; `restart` starts it again. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Stops it in its tracks (SIGSTOP): connections stay open and nothing answers. */
  freeze(): Promise<void>
  /** Undoes `freeze`. */
  thaw(): Promise<void>
  /** Starts it again on the same port: empty, but for what `args` made it keep. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** Starts a Redis of a test's own, that keeps nothing on disk; it ends with this process at the latest. */
export async function startRedis({ args = [] }: RedisOptions = {}): Promise<RedisServer> {
  const server = await PrivateServer.start({
    binary: requireBinary('redis-server'),
    arguments: ({ folder, port }) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder],
      ...['--save', '', '--appendonly', 'no', ...args],
    ],
    readyLine: /Ready to accept connections/,
    stopSignal: 'SIGTERM',
  })

  return {
    url: `redis://127.0.0.1:${server.port}`,
    port: server.port,
    get pid() {
      return server.pid
    },
    kill: (signal) => server.kill(signal),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: () => server.restart(),
    stop: () => server.stop(),
  }
}
