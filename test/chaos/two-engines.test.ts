import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Pool } from 'pg'
import type { PoolLike } from '../../src/index.js'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { TcpProxy } from './proxy/tcp-proxy.js'
import { eventually } from './scene/eventually.js'
import { openHouse, type House } from './scene/house.js'
import { clientKinds } from './scene/redis-clients.js'
import { Visitor } from './scene/visitor.js'

/** Repairs are applied once a second, and take a moment (protocol rule 14). */
const REPAIRED = 2_000

/** Whether a commit took of which nobody knows is looked up each second at first. */
const LOOKED_AFTER = 2_000

let server: RedisServer
let database: FreshDatabase
let pool: Pool
let gate: Gate
let house: House
let neighbour: House

beforeAll(async () => {
  ;[server, database] = await Promise.all([startRedis(), freshDatabase()])
  pool = new Pool({ connectionString: database.url })
})

beforeEach(async () => {
  gate = new Gate()
  const options = { redisUrl: server.url, createTables: true }
  house = await openHouse({ ...options, pool: gate.before(pool) })
  neighbour = await openHouse({ ...options, pool })
  await Promise.all([house.store.ready(), neighbour.store.ready()])
})

afterEach(() => Promise.all([house.close(), neighbour.close()]))

afterAll(async () => {
  await pool.end()
  await Promise.all([server.stop(), database.drop()])
})

describe('two engines over one Redis and one Postgres', () => {
  it('keep every change of fifty requests at once on one session', async () => {
    const visitor = await Visitor.loggedIn(house, 'busy')

    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        visitor.at(n % 2 ? house : neighbour).change(`key${n}`, n),
      ),
    )

    expect(answers.map(({ status }) => status)).toEqual(Array(50).fill(204))
    const all = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key${n}`, String(n)]))
    for (const at of [house, neighbour]) {
      expect((await visitor.at(at).look()).content).toEqual({ userId: 'busy', ...all })
    }
  })

  it('agree on a logout that met forty changes', async () => {
    const visitor = await Visitor.loggedIn(house, 'leaving')

    const changes = Array.from({ length: 40 }, (_, n) =>
      visitor.at(n % 2 ? house : neighbour).change(`key${n}`, n),
    )
    expect((await visitor.at(neighbour).logout()).status).toBe(204)
    for (const { status } of await Promise.all(changes)) expect([204, 401]).toContain(status)

    for (const at of [house, neighbour]) expect((await visitor.at(at).look()).status).toBe(401)
    const { rows } = await pool.query(
      'select data, "revokedAt" is not null as revoked from sessions where "sessionId" = $1',
      [house.store.engine.idOf(visitor.sessionId)],
    )
    expect(rows).toEqual([{ data: '', revoked: true }])
  })

  it('agree after a breaker opened while a commit was under way', async () => {
    const visitor = await Visitor.loggedIn(house, 'changing')
    const others = await Promise.all(
      Array.from('abcdefgh').map((user) => Visitor.loggedIn(house, user)),
    )

    gate.close()
    const change = visitor.change('count', 1)
    await eventually(() => gate.isWaitedFor)
    await server.freeze()
    try {
      await Promise.all(others.map((other) => other.look()))
      await eventually(() => house.breaker !== 'closed')
      gate.open()
      expect((await change).status).toBe(204)
    } finally {
      gate.open()
      await server.thaw()
    }

    const read = async () => (await visitor.at(neighbour).look()).content?.['count'] === '1'
    await eventually(read, REPAIRED)
  })
})

describe('four engines over one Redis and one Postgres', () => {
  it('keep every one of a hundred changes at once on one session', async () => {
    const options = { redisUrl: server.url, pool }
    const more = [await openHouse(options), await openHouse(options)]
    const all = [house, neighbour, ...more]
    try {
      const visitor = await Visitor.loggedIn(house, 'crowded')

      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, n) => visitor.at(all[n % 4]!).change(`key${n}`, n)),
      )

      expect(all.flatMap(({ errors }) => errors)).toEqual([])
      expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(204))
      const keys = Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key${n}`, String(n)]))
      for (const at of all) {
        expect((await visitor.at(at).look()).content).toEqual({ userId: 'crowded', ...keys })
      }
    } finally {
      await Promise.all(more.map((each) => each.close()))
    }
  })
})

describe('a commit that came after its deadline', () => {
  it('is what all read, soon, though its request had failed', async () => {
    const hasty = await openHouse({
      redisUrl: server.url,
      pool: gate.before(pool),
      ledgerTimeout: 200,
    })
    let repairs = 0
    for (const { store } of [hasty, house, neighbour]) store.engine.on('repaired', () => repairs++)
    const visitor = await Visitor.loggedIn(hasty, 'visitor')

    gate.close()
    try {
      expect((await visitor.change('count', 1)).status).toBe(500)
      // The repair of the unknown outcome is applied, and Redis is filled anew from before the commit.
      await eventually(() => repairs > 0)
      expect((await visitor.at(neighbour).look()).content).toEqual({ userId: 'visitor' })
    } finally {
      gate.open()
    }

    const read = async () => (await visitor.at(neighbour).look()).content?.['count'] === '1'
    await eventually(read, REPAIRED)
    await hasty.close()
  })
})

describe('a commit that waits in Postgres while its connection is lost', () => {
  let proxy: TcpProxy
  let ownPool: Pool
  let owner: House

  beforeEach(async () => {
    proxy = await TcpProxy.open({ server: database.url })
    ownPool = new Pool({ connectionString: proxy.url })
    ownPool.on('error', () => {})
    owner = await openHouse({ redisUrl: server.url, pool: ownPool })
  })

  afterEach(async () => {
    await owner.close()
    await ownPool.end()
    await proxy.close()
  })

  it('is what all read, soon after it took', async () => {
    let repairs = 0
    for (const { store } of [owner, house, neighbour]) store.engine.on('repaired', () => repairs++)
    const visitor = await Visitor.loggedIn(owner, 'visitor')
    const letGo = await lock(owner.store.engine.idOf(visitor.sessionId)!)
    try {
      const change = visitor.change('count', 1)
      await eventually(() => isWaitedFor())
      proxy.cut()
      expect((await change).status).toBe(500)
      proxy.pass()
      // The repair of the unknown outcome is applied, and Redis is filled anew from before the commit.
      await eventually(() => repairs > 0)
      expect((await visitor.at(neighbour).look()).content).toEqual({ userId: 'visitor' })
    } finally {
      await letGo()
    }

    const read = async () => (await visitor.at(neighbour).look()).content?.['count'] === '1'
    await eventually(read, LOOKED_AFTER + REPAIRED)
  })

  /** Locks a session's row, until the function that is returned is called. */
  async function lock(id: string): Promise<() => Promise<void>> {
    const client = await pool.connect()
    await client.query('begin')
    await client.query('select from sessions where "sessionId" = $1 for update', [id])
    return async () => {
      await client.query('commit')
      client.release()
    }
  }

  async function isWaitedFor(): Promise<boolean> {
    const waiting = await pool.query(
      `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    )
    return waiting.rowCount !== 0
  }
})

describe.each(clientKinds)('an engine cut off from Redis, through $name', (client) => {
  let cutOff: House

  beforeEach(async () => {
    const nowhere = await startRedis()
    await nowhere.stop()
    cutOff = await openHouse({ redisUrl: nowhere.url, client, pool })
  })

  afterEach(() => cutOff.close())

  it('leaves the others with what was changed, within two seconds', async () => {
    const visitor = await Visitor.loggedIn(neighbour, 'changing')
    expect((await visitor.look()).content).toEqual({ userId: 'changing' })

    expect((await visitor.at(cutOff).change('count', 1)).status).toBe(204)
    expect((await visitor.at(cutOff).look()).content).toEqual({ userId: 'changing', count: '1' })

    await eventually(async () => (await visitor.look()).content?.['count'] === '1', REPAIRED)
  })

  it('leaves the others without what was ended, within two seconds', async () => {
    const visitor = await Visitor.loggedIn(neighbour, 'leaving')

    expect((await visitor.at(cutOff).logout()).status).toBe(204)
    expect((await visitor.at(cutOff).look()).status).toBe(401)

    await eventually(async () => (await visitor.look()).status === 401, REPAIRED)
  })
})

/** What inserts, or updates, sessions. */
const COMMIT = /inserted as|"writeId" = i\.write_id/

/** Holds commits back on their way to Postgres. */
class Gate {
  isWaitedFor = false
  #opened: Promise<void> = Promise.resolve()
  #open: () => void = () => {}

  before(behind: Pool): PoolLike {
    return {
      query: async (query) => {
        if (COMMIT.test(query.text)) await this.#pass()
        return behind.query(query)
      },
    }
  }

  close(): void {
    this.isWaitedFor = false
    this.#opened = new Promise((resolve) => (this.#open = resolve))
  }

  open(): void {
    this.#open()
  }

  async #pass(): Promise<void> {
    this.isWaitedFor = true
    await this.#opened
  }
}
