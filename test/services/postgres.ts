import { requireBinary } from './binaries.ts'
import { createDatabase } from './database.ts'
import type { DatabaseOptions } from './database.ts'
import { copyFrom, dataFolder, initialise, unprivilegedAccount } from './postgres-folder.ts'
import { PrivateServer } from './private-server.ts'

/** How {@link startPostgres} starts a server. */
export interface PostgresOptions {
  /** The server's TimeZone; UTC where it is not given. */
  readonly timezone?: string
  /** More settings, as in postgresql.conf: `{ statement_timeout: '1s' }`. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A Postgres of a test's own. */
export interface PostgresServer {
  /** Of the database `postgres`; the user may do everything. */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Makes a new, empty database and returns its URL. */
  createDatabase(options?: DatabaseOptions): Promise<string>
  /** Sends the signal (SIGKILL, and that to its children too) and resolves when the server is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Stops the server and all its children in their tracks (SIGSTOP). */
  freeze(): Promise<void>
  /** Undoes `freeze`. */
  thaw(): Promise<void>
  /** Starts it again on the same port with what it holds; after a kill it recovers first. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/**
 * Starts a Postgres of a test's own; it ends with this process at the latest. It begins with a copy of
 * `TEST_POSTGRES_TEMPLATE`, where that is set.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const account = unprivilegedAccount()
  const template = process.env['TEST_POSTGRES_TEMPLATE']
  const server = await PrivateServer.start({
    binary: requireBinary('postgres'),
    arguments: ({ folder, port }) => [
      ...['-D', dataFolder(folder), '-p', String(port)],
      ...settingArguments(options),
    ],
    readyLine: /ready to accept connections/,
    // Fast shutdown: connections are closed, and what was committed is written out.
    stopSignal: 'SIGINT',
    account,
    prepare: (folder) =>
      template ? copyFrom(template, folder, account) : initialise(folder, account),
  })
  const url = `postgresql://postgres@127.0.0.1:${server.port}/postgres`

  return {
    url,
    port: server.port,
    get pid() {
      return server.pid
    },
    createDatabase: (databaseOptions) => createDatabase(url, databaseOptions),
    kill: (signal) => server.kill(signal),
    freeze: () => server.freeze(),
    thaw: () => server.thaw(),
    restart: () => server.restart(),
    stop: () => server.stop(),
  }
}

function settingArguments({ timezone = 'UTC', settings = {} }: PostgresOptions): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '200',
    // A server that is killed loses nothing by this: the kernel lives on and has what was written.
    fsync: 'off',
    timezone,
    ...settings,
  }
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`])
}
