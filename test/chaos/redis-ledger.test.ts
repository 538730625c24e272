import { randomUUID } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import type { SessionData } from 'express-session'
import { EngineStore } from '../../src/doors/express/index.js'
import { openSessions } from '../../src/index.js'
import { startRedis, type RedisServer } from '../services.js'
import { eventually } from './scene/eventually.js'

const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always']

let server: RedisServer
const stores: EngineStore[] = []

afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.engine.close()))
  await server.stop()
})

function openStore(): EngineStore {
  const store = new EngineStore(openSessions({ redis: server.url, ledgerTimeout: '2s' }))
  stores.push(store)
  return store
}

function content(fields: object): SessionData {
  return Object.assign(JSON.parse('{"cookie":{"originalMaxAge":null}}'), fields) as SessionData
}

/** What was acknowledged of one session, until the server failed it. */
interface Acknowledged {
  readonly sid: string
  count: number
  isEnded: boolean
}

interface Tally {
  acknowledged: number
}

/** Writes one number after another, and ends the session at a time of its own; the first failure ends it all. */
async function work(store: EngineStore, number: number, tally: Tally): Promise<Acknowledged> {
  const done: Acknowledged = { sid: randomUUID(), count: 0, isEnded: false }
  const last = 5 + number * 3
  try {
    for (let count = 1; count <= last; count++) {
      await store.set(done.sid, content({ count, userId: `user ${number % 7}` }))
      done.count = count
      tally.acknowledged += 1
    }
    await store.destroy(done.sid)
    done.isEnded = true
  } catch {
    // The server is gone: what was under way may have been done or not.
  }
  return done
}

describe('a Redis that is killed under writes, and started again', () => {
  it.each([20, 300, 1500, 3500])(
    'has all that was acknowledged, and nothing that was ended: after %i writes',
    async (after) => {
      server = await startRedis({ args: DURABLE })
      const writers = [openStore(), openStore()]
      await Promise.all(writers.map((store) => store.ready()))
      const tally = { acknowledged: 0 }
      const working = Array.from({ length: 60 }, (_, number) =>
        work(writers[number % 2]!, number, tally),
      )
      await eventually(() => tally.acknowledged >= after, 20_000, 1)
      await server.kill('SIGKILL')
      const all = await Promise.all(working)
      await server.restart()

      const reader = openStore()
      await eventually(() => reader.ready().then(() => true))
      const found = await Promise.all(all.map(({ sid }) => reader.get(sid)))

      expect(all.some(({ isEnded }) => !isEnded)).toBe(true)
      for (const [index, { count, isEnded }] of all.entries()) {
        const session = found[index] as { count?: number } | null
        if (isEnded) expect(session).toBeNull()
        else if (session) expect(session.count).toBeGreaterThanOrEqual(count)
        // Its end may have been under way.
        else expect(count === 0 || count === 5 + index * 3).toBe(true)
      }
      const listed = (await reader.ids()).sort()
      const live = all.filter((_, index) => found[index]).map(({ sid }) => reader.engine.idOf(sid))
      expect(listed).toEqual(live.sort())
    },
  )

  it('keeps what was ended from being written by whoever had it loaded', async () => {
    server = await startRedis({ args: DURABLE })
    const [slow, other] = [openStore(), openStore()]
    await slow.ready()
    await slow.set('a session', content({ count: 1 }))
    const loaded = (await slow.get('a session'))!
    await other.destroy('a session')
    await server.kill('SIGKILL')
    await server.restart()
    await eventually(() => slow.ready().then(() => true))

    await slow.set('a session', Object.assign(loaded, { count: 2 }))

    expect(await slow.get('a session')).toBeNull()
    expect(await slow.length()).toBe(0)
  })
})

describe('a Redis ledger that is away', () => {
  it('fails reads, writes and ends within the deadline, and goes on when it is back', async () => {
    server = await startRedis({ args: DURABLE })
    const store = openStore()
    await store.ready()
    await store.set('a session', content({ count: 1 }))
    await server.freeze()
    const start = performance.now()

    const outcomes = await Promise.allSettled([
      store.get('a session'),
      store.set('another', content({ count: 1 })),
      store.destroy('a session'),
    ])

    const took = performance.now() - start
    expect(took).toBeLessThan(5_000)
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'ERR_LEDGER_UNAVAILABLE', ledger: 'redis' } })
    }
    expect((await store.health()).status).toBe('down')
    await server.thaw()
    await eventually(async () => (await store.health()).status === 'ok')
    await store.destroy('a session')
    expect(await store.get('a session')).toBeNull()
  })
})
