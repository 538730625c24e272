import { Redis } from 'ioredis'
import { sharedPostgresUrl, startPostgres, startRedis } from '../../services.js'
import type { PostgresOptions, PostgresServer, RedisOptions, RedisServer } from '../../services.js'
import { createDatabase } from '../../services/database.js'
import { compileProgram } from '../scene/program.js'
import { WorkerProcess } from './worker-process.js'

/** What scenarios are played with, one after the other: servers of their own, and workers that are kept for the next. */
export interface Servers {
  readonly redis: RedisServer
  readonly postgres: PostgresServer

  /** A client of the coordinator's own, past every proxy. */
  readonly admin: Redis

  /** A worker that runs and has nothing to do. */
  takeWorker(): Promise<WorkerProcess>

  /** Keeps a worker for the next scenario, if it still runs. */
  giveBack(worker: WorkerProcess): Promise<void>

  /** Both servers run and answer again, whatever became of them. */
  heal(): Promise<void>
  close(): Promise<void>
}

/** How {@link openServers} starts them. */
export interface ServersOptions {
  readonly redis?: RedisOptions

  /** `shared`: the one of the whole run, where nothing is to become of it. */
  readonly postgres?: PostgresOptions | 'shared'

  /** The compiled program of the workers. Default: it is compiled here, and removed at the end. */
  readonly workerFile?: string | undefined
}

/** Starts a Redis, a Postgres and the first workers. The caller closes them. */
export async function openServers(options: ServersOptions = {}): Promise<Servers> {
  const starting = [
    startRedis(options.redis),
    options.postgres === 'shared' ? sharedPostgres() : startPostgres(options.postgres),
    options.workerFile === undefined ? compileProgram('worker') : kept(options.workerFile),
  ] as const
  const [redis, postgres, program] = await Promise.all(starting)
  const admin = new Redis(redis.url, { maxRetriesPerRequest: 0, retryStrategy: () => 20 })
  admin.on('error', () => {})
  const idle: WorkerProcess[] = []
  const all = new Set<WorkerProcess>()

  return {
    redis,
    postgres,
    admin,
    async takeWorker() {
      const kept = idle.pop()
      if (kept) return kept
      const worker = await WorkerProcess.start(program.file)
      all.add(worker)
      return worker
    },
    async giveBack(worker) {
      worker.onEvent = () => {}
      if (worker.isRunning) return void idle.push(worker)
      all.delete(worker)
      await worker.stop()
    },
    async heal() {
      await Promise.all([revive(redis), revive(postgres)])
    },
    async close() {
      admin.disconnect()
      await Promise.all([...all].map((worker) => worker.stop()))
      await Promise.all([redis.stop(), postgres.stop(), program.remove()])
    },
  }
}

async function kept(file: string): ReturnType<typeof compileProgram> {
  return { file, remove: async () => {} }
}

/** It is never broken, and so never mended; each play has a database of its own. */
async function sharedPostgres(): Promise<PostgresServer> {
  const url = sharedPostgresUrl()
  const refuse = () => Promise.reject(new Error('Nobody may break the Postgres that all share'))
  return {
    url,
    port: Number(new URL(url).port),
    pid: process.pid,
    createDatabase: (options) => createDatabase(url, options),
    kill: refuse,
    freeze: refuse,
    thaw: async () => {},
    restart: refuse,
    stop: async () => {},
  }
}

async function revive(server: RedisServer | PostgresServer): Promise<void> {
  await server.thaw()
  if (!isRunning(server)) await server.restart()
}

function isRunning(server: RedisServer | PostgresServer): boolean {
  try {
    return server.pid > 0
  } catch {
    return false
  }
}
