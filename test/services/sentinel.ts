import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requireBinary } from './binaries.ts'
import { PrivateServer } from './private-server.ts'

/** What a Sentinel watches. */
export interface SentinelOptions {
  /** The name under which clients ask for the primary. */
  readonly name: string

  /** The port of the primary at 127.0.0.1. */
  readonly primary: number

  /** After how long without an answer the primary counts as down, ms. */
  readonly downAfter: number
}

/** A Sentinel of a test's own, that needs nobody's agreement. */
export interface Sentinel {
  readonly port: number
  stop(): Promise<void>
}

/** Starts a Sentinel; it ends with this process at the latest. */
export async function startSentinel(options: SentinelOptions): Promise<Sentinel> {
  const { name, primary, downAfter } = options
  const settings = [
    `sentinel monitor ${name} 127.0.0.1 ${primary} 1`,
    `sentinel down-after-milliseconds ${name} ${downAfter}`,
    `sentinel failover-timeout ${name} 4000`,
  ]
  const file = (folder: string): string => join(folder, 'sentinel.conf')
  const server = await PrivateServer.start({
    binary: requireBinary('redis-server'),
    // It writes into its own settings what it learns.
    prepare: (folder) => writeFile(file(folder), `${settings.join('\n')}\n`),
    arguments: ({ folder, port }) => [
      ...[file(folder), '--sentinel', '--port', String(port), '--bind', '127.0.0.1'],
      ...['--dir', folder],
    ],
    readyLine: /\+monitor master/,
    stopSignal: 'SIGTERM',
  })
  return { port: server.port, stop: () => server.stop() }
}
