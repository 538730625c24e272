import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import supertest from 'supertest'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'
import type { CallbacksReport } from './programs/callbacks.js'
import { Program, type Place } from './programs/run-program.js'
import type { VisitsMessage } from './programs/visits.js'
import { openShore, type Shore } from './stores.js'

let shore: Shore
let place: Place

beforeAll(async () => {
  shore = await openShore()
  const { databaseUrl } = shore
  place = { databaseUrl, redisUrl: sharedRedisUrl(), prefix: freshPrefix() }
})

afterAll(() => shore.end())

interface VisitsSite {
  readonly program: Program<VisitsMessage>
  readonly url: string
}

async function startSite(): Promise<VisitsSite> {
  const program = Program.start<VisitsMessage>('visits', place)
  const message = await program.next()
  if (message === 'held') throw new Error('It serves nobody yet')
  return { program, url: message.url }
}

/** A browser whose requests a load balancer spreads over the sites. */
class Browser {
  #cookie = ''

  async get({ url }: VisitsSite, path: string): Promise<unknown> {
    const response = await supertest(url).get(path).set('Cookie', this.#cookie).expect(200)
    const [header] = (response.headers['set-cookie'] ?? []) as unknown as string[]
    this.#cookie = header?.split(';')[0] ?? this.#cookie
    return response.body as unknown
  }
}

describe('two processes', () => {
  let one: VisitsSite
  let other: VisitsSite

  beforeAll(async () => {
    ;[one, other] = await Promise.all([startSite(), startSite()])
  })

  afterAll(() => Promise.all([one.program.kill(), other.program.kill()]))

  it('keep both what overlapping requests put into one session', async () => {
    const browser = new Browser()
    await browser.get(one, '/put/start')
    const held = one.program.next()
    const slow = browser.get(one, '/hold/slow')
    expect(await held).toBe('held')

    await browser.get(other, '/put/quick')
    one.program.send('go on')
    await slow

    expect(await browser.get(other, '/keys')).toEqual(['cookie', 'quick', 'slow', 'start'])
  })

  it('agree that a session has ended, though a request of it is still under way', async () => {
    const browser = new Browser()
    await browser.get(one, '/put/login')
    const held = one.program.next()
    const slow = browser.get(one, '/hold/late')
    expect(await held).toBe('held')

    await browser.get(other, '/logout')
    one.program.send('go on')
    await slow

    expect(await browser.get(one, '/keys')).toEqual(['cookie'])
    expect(await browser.get(other, '/keys')).toEqual(['cookie'])
  })

  it('count the visits of one session together, and go on when one is killed', async () => {
    const browser = new Browser()
    const counts = [
      await browser.get(one, '/count'),
      await browser.get(other, '/count'),
      await browser.get(one, '/count'),
    ]
    await one.program.kill()

    counts.push(await browser.get(other, '/count'))

    expect(counts).toEqual([1, 2, 3, 4])
  })
})

describe('a program', () => {
  const methods = [
    'all',
    'clear',
    'destroy',
    'get',
    'get of a known session',
    'get of a missing session',
    'ids',
    'length',
    'set',
    'set that fails',
    'touch',
    'touch of a known session',
  ]

  it('learns of what its callbacks throw, once, and of no promise that it dropped', async () => {
    const program = Program.start<CallbacksReport>('callbacks', place)
    const report = await program.next().finally(() => program.kill())

    const expected = { uncaught: methods, called: methods, unhandled: 0 }
    expect(report).toEqual({
      MemorySessionStore: expected,
      PrismaSessionStore: expected,
      RedisFirstStore: expected,
      'RedisFirstStore, near': expected,
    })
  })
})
