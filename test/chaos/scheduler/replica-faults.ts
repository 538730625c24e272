import { Redis } from 'ioredis'
import { startRedis, type RedisServer } from '../../services.js'
import { eventually } from '../scene/eventually.js'
import type { Fault } from './scenario.js'
import type { Stage } from './stage.js'

/** A second Redis, that follows the one on stage. */
export interface Replica {
  readonly server: RedisServer
  readonly admin: Redis
  stop(): Promise<void>
}

/** Arguments of a Redis that hands on what it holds at once when another begins to follow it. */
export const LEADER = ['--repl-diskless-sync-delay', '0']

/** Starts a Redis that follows nobody yet. The caller stops it. */
export async function startReplica(): Promise<Replica> {
  const server = await startRedis({ args: LEADER })
  const admin = new Redis(server.url)
  return {
    server,
    admin,
    async stop() {
      admin.disconnect()
      await server.stop()
    },
  }
}

/** Where a replica is, once it was started. */
export type Whence = () => Replica

/** A replica stands in the primary's place: it answers what it holds, and takes nothing in. */
export function replaced(replica: Whence): Fault {
  return {
    name: 'a replica in the place of the primary of redis',
    async begin(stage) {
      const { admin, server } = replica()
      await follow(admin, stage.servers.redis)
      leadTo(stage, server)
    },
    end: leadHome,
  }
}

/**
 * The replica stops following, and is the primary then, without what happened meanwhile. In the end the old
 * primary follows it, takes over what it holds, and is the primary again.
 */
export function failedOver(replica: Whence, meanwhile: (stage: Stage) => Promise<unknown>): Fault {
  return {
    name: 'a replica of redis promoted that is behind',
    async begin(stage) {
      const { admin, server } = replica()
      await follow(admin, stage.servers.redis)
      await promote(admin)
      await meanwhile(stage)
      leadTo(stage, server)
    },
    async end(stage) {
      const { admin } = stage.servers
      await follow(admin, replica().server)
      await promote(admin)
      leadHome(stage)
    },
  }
}

async function follow(follower: Redis, { port }: RedisServer): Promise<void> {
  await follower.replicaof('127.0.0.1', port)
  await eventually(async () => /^master_link_status:up/m.test(await follower.info('replication')))
}

async function promote(follower: Redis): Promise<void> {
  await follower.replicaof('NO', 'ONE')
}

function leadTo({ workers }: Stage, { url }: RedisServer): void {
  for (const { redis } of workers) redis.leadTo(url)
}

function leadHome({ workers }: Stage): void {
  for (const { redis } of workers) redis.pass()
}
