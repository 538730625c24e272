import { randomInt } from 'node:crypto'
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals'
import { PrismaSessionStore } from '../../src/doors/express/index.js'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { eventually } from '../chaos/scene/eventually.js'
import { openHouse, type House } from '../chaos/scene/house.js'
import { best, inTurns, load, p99, RECOVERY, TIME_TO_MEASURE, type Timed } from './measure.js'
import { openPrisma } from '../chaos/scene/postgres-clients.js'
import { startApp, type SessionsApp } from '../chaos/scene/sessions-app.js'
import { Visitor } from '../chaos/scene/visitor.js'

jest.setTimeout(TIME_TO_MEASURE)

const REDIS_TIMEOUT = 50
const VISITORS = 32

/** What a timer may be late by on a machine that is shared, ms. */
const SLACK = 5

let server: RedisServer
let database: FreshDatabase
let client: ReturnType<typeof openPrisma>
let tiered: House
let store: PrismaSessionStore
let alone: SessionsApp
let visitors: readonly Visitor[]

beforeAll(async () => {
  ;[server, database] = await Promise.all([startRedis(), freshDatabase()])
  client = openPrisma(database.url)
})

afterAll(async () => {
  await client.end()
  await Promise.all([server.stop(), database.drop()])
})

beforeEach(async () => {
  const options = { createTables: true, redisTimeout: REDIS_TIMEOUT }
  tiered = await openHouse({ ...options, ...client.tier, redisUrl: server.url })
  store = new PrismaSessionStore(client.tier.prisma, options)
  alone = await startApp(store)
  await Promise.all([tiered.store.ready(), store.ready()])
  const users = Array.from({ length: VISITORS }, (_, number) => `user-${number}`)
  visitors = await Promise.all(users.map((user) => Visitor.loggedIn(tiered, user)))
})

afterEach(async () => {
  await Promise.all([tiered.close(), alone.close()])
  await store.close()
})

/** What is asked of the app that is given; how long it takes, ms. */
type Request = (app: SessionsApp) => Timed<Visitor>

const reading: Request = (app) => async (visitor) => {
  const { status, took } = await visitor.at(app).look()
  expect(status).toBe(200)
  return took
}

const writing: Request = (app) => async (visitor) => {
  const { status, took } = await visitor.at(app).change('key', randomInt(1_000_000))
  expect(status).toBe(204)
  return took
}

const comingAndGoing: Request = (app) => async () => {
  const visitor = new Visitor(app)
  const answers = [await visitor.login('passing'), await visitor.logout()]
  expect(answers.map(({ status }) => status)).toEqual([204, 204])
  return Math.max(...answers.map(({ took }) => took))
}

describe('requests over a RedisFirstStore', () => {
  it.each([
    { name: 'that read', request: reading, turns: 4 },
    { name: 'that write', request: writing, turns: 3 },
    { name: 'that log in and out', request: comingAndGoing, turns: 3 },
  ])(
    '$name take no longer than 150 ms (p99) while Redis is killed, and then 1.5 times those over a PrismaSessionStore',
    async ({ request, turns }) => {
      const { first, ofTiered, ofAlone } = await best(
        () => killedOnce(request, turns),
        (p) => p.first <= 150 && p.ofTiered <= p.ofAlone * 1.5,
      )

      expect(first).toBeLessThanOrEqual(150)
      expect(ofTiered).toBeLessThanOrEqual(ofAlone * 1.5)
    },
  )

  async function killedOnce(request: Request, turns: number) {
    await warm()
    await server.kill()
    const first = p99(await load(visitors, request(tiered), 1))
    await eventually(() => tiered.breaker === 'open')
    const both = { tiered: request(tiered), alone: request(alone), turns }
    const measured = await inTurns(visitors, both)
    await server.restart()
    return { first, ...measured }
  }

  it('take no longer than redisTimeout and 1.5 times those over a PrismaSessionStore while Redis is frozen (p99)', async () => {
    const { frozen, bound } = await best(
      frozenOnce,
      (measured) => measured.frozen <= measured.bound,
    )

    expect(frozen).toBeLessThanOrEqual(bound)
  })

  async function frozenOnce(): Promise<{ frozen: number; bound: number }> {
    await warm()
    await server.freeze()
    const frozen = p99(await load(visitors, reading(tiered), 5))
    const ofAlone = p99(await load(visitors, reading(alone), 5))
    await server.thaw()
    return { frozen, bound: REDIS_TIMEOUT + SLACK + ofAlone * 1.5 }
  }

  /** Redis is asked again, and holds what it will be asked for. */
  async function warm(): Promise<void> {
    await eventually(() => tiered.breaker === 'closed', RECOVERY)
    await load(visitors, reading(tiered), 3)
  }
})
