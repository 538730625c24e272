import { setTimeout as delay } from 'node:timers/promises'
import { eventually } from '../scene/eventually.js'
import type { Fault } from './scenario.js'
import type { Stage } from './stage.js'

const FEWEST_KILLED = 4

/** Bytes: some tens of sessions. */
const TOO_MUCH = 16_384

/** Redis writes all that it holds to disk, once; it starts from there whenever it is started again. */
export function saved(): Fault {
  return {
    name: 'redis saved',
    async begin({ servers }) {
      await servers.admin.save()
    },
  }
}

/** Redis is killed, and comes back with what was {@link saved}. */
export function setBack(): Fault {
  return {
    name: 'redis set back to what was saved',
    begin: ({ servers }) => servers.redis.kill(),
    async end(stage) {
      await stage.servers.redis.restart()
      const loaded = await statistic(stage, 'rdb_last_load_keys_loaded')
      if (loaded === 0) throw new Error('Redis came back with nothing')
    },
  }
}

/** Redis writes all that it holds to disk, goes on for a while, is killed, and comes back with that. */
export function setBackBy(ms: number): Fault {
  return {
    name: `redis set back by ${ms} ms`,
    async begin({ servers }) {
      await servers.admin.save()
      await delay(ms)
      await servers.redis.kill()
    },
    end: ({ servers }) => servers.redis.restart(),
  }
}

/** Redis has a little less room than it has taken by now, and throws out what was not used for long. */
export function crowded(): Fault {
  return {
    name: 'redis crowded',
    async begin(stage) {
      const { admin } = stage.servers
      await admin.config('RESETSTAT')
      await admin.config('SET', 'maxmemory-policy', 'allkeys-lru')
      const taken = await statistic(stage, 'used_memory')
      await admin.config('SET', 'maxmemory', String(taken - TOO_MUCH))
    },
    async end(stage) {
      await stage.servers.admin.config('SET', 'maxmemory', '0')
      const evicted = await statistic(stage, 'evicted_keys')
      if (evicted === 0) throw new Error('Redis threw nothing out')
    },
  }
}

/** Redis is a replica of a primary that is not there: it answers what it holds, and takes nothing in. */
export function readOnly(): Fault {
  return {
    name: 'redis read-only',
    async begin({ servers: { admin } }) {
      await admin.replicaof('127.0.0.1', '1')
    },
    async end({ servers: { admin } }) {
      await admin.replicaof('NO', 'ONE')
    },
  }
}

/** Redis ends the connections of all subscribers, again and again. */
export function subscribersKilledAgain(every: number): Fault {
  let timer: NodeJS.Timeout | undefined
  let killed = 0
  return {
    name: `subscribers of redis killed each ${every} ms`,
    begin({ servers: { admin } }) {
      killed = 0
      const kill = async () => {
        killed += Number(await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub'))
      }
      timer = setInterval(() => void kill(), every)
    },
    end() {
      clearInterval(timer)
      if (killed < FEWEST_KILLED) throw new Error(`Only ${killed} subscribers were killed`)
    },
  }
}

/** A number of which Redis tells in its INFO. */
async function statistic({ servers: { admin } }: Stage, name: string): Promise<number> {
  let found = NaN
  await eventually(async () => {
    const info = await admin.info()
    found = Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1])
    return !Number.isNaN(found)
  })
  return found
}
