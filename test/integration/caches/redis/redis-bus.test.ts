import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { BusClient } from '../../../../src/caches/redis/bus-client.js'
import { busChannel, createKeys } from '../../../../src/drivers/redis/keys.js'
import { openRedis } from '../../../../src/drivers/redis/open-redis.js'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import { anId, aRecord } from '../../../../src/testing/fixtures.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { startRedis, type RedisServer } from '../../../services.js'
import { fasterBy, hear, type Heard } from './heard.js'

const CHANNEL = 'session:web:bus'
const id = anId()

let server: RedisServer
let admin: Redis
const ends: (() => unknown)[] = []

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(() => {
  admin = aClient()
})

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

afterAll(() => server.stop())

function aClient(options: object = {}): Redis {
  const client = new Redis(server.url, options)
  client.on('error', () => {})
  ends.push(() => client.disconnect())
  return client
}

function anOwnConnection(): Promise<BusClient> {
  const connection = openRedis(server.url)
  ends.push(connection.close)
  return connection.client as unknown as Promise<BusClient>
}

/** Ten times faster: a heartbeat each 100 ms, of which one is heard within 300 ms. */
function listen(client: BusClient | Promise<BusClient> = aClient()): Heard {
  const heard = hear({ client, channel: CHANNEL, clock: fasterBy(10) })
  ends.push(() => heard.bus.close())
  return heard
}

async function listening(client?: BusClient | Promise<BusClient>): Promise<Heard> {
  const heard = listen(client)
  await eventually(() => heard.bus.isHealthy)
  return heard
}

describe.each<[string, () => BusClient | Promise<BusClient>]>([
  ['a client with the default options', () => aClient()],
  ['a client without an offline queue', () => aClient({ enableOfflineQueue: false })],
  ['a client that speaks RESP2', () => aClient({ protocol: 2 })],
  ['a client with a prefix of its own', () => aClient({ keyPrefix: 'mine:' })],
  ['a client that connects late', () => aClient({ lazyConnect: true })],
  ['a client in another database', () => aClient({ db: 3 })],
  ['a connection by URL', anOwnConnection],
])('a bus over %s', (_name, open) => {
  it('hears what is published', async () => {
    const { messages, errors } = await listening(open())
    await admin.publish(CHANNEL, `${id} 7`)

    await eventually(() => messages.length > 0)
    expect(messages).toEqual([[id, 7]])
    expect(errors).toEqual([])
  })

  it('heals in a new epoch when its connection is killed', async () => {
    const { bus, messages } = await listening(open())
    const { epoch } = bus
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')

    await eventually(() => bus.isHealthy && bus.epoch === epoch + 1)
    await admin.publish(CHANNEL, `${id} 8`)
    await eventually(() => messages.length > 0)
  })

  it('heals in a new epoch when Redis is started again', async () => {
    const { bus } = await listening(open())
    const { epoch } = bus
    await server.kill()
    await eventually(() => !bus.isHealthy)
    await server.restart()

    await eventually(() => bus.isHealthy, 10_000)
    expect(bus.epoch).toBeGreaterThan(epoch)
  })
})

describe('a message', () => {
  it('comes from the scripts of the cache', async () => {
    const client = aClient()
    const keys = createKeys({ prefix: 'session:', context: 'web' })
    expect(busChannel(keys)).toBe(CHANNEL)
    const { messages } = await listening()
    const cache = new RedisCache({ client })
    ends.push(() => cache.close())
    await cache.put(aRecord({ id, version: 3 }), 'update')

    await eventually(() => messages.length > 0)
    expect(messages).toEqual([[id, 3]])
  })

  it('tells of all that was put in one turn, but of no fill', async () => {
    const { messages } = await listening()
    const cache = new RedisCache({ client: aClient() })
    ends.push(() => cache.close())
    const [first, second] = [anId(), anId()]
    await Promise.all([
      cache.put(aRecord({ id: first, version: 3 }), 'update'),
      cache.put(aRecord({ id: anId(), version: 4 }), { fill: 'a-token' }),
      cache.put(aRecord({ id: second, version: 5 }), 'update'),
    ])

    await eventually(() => messages.length > 1)
    expect(messages).toEqual([
      [first, 3],
      [second, 5],
    ])
  })

  it('may tell of an id with blanks, and is left alone where it is none', async () => {
    const { messages, errors } = await listening()
    for (const text of ['', ' ', 'x', ' 1', `${id} `, `${id} x`, `${id} -1`, 'web:a b 2']) {
      await admin.publish(CHANNEL, text)
    }

    await eventually(() => messages.length > 0)
    expect(messages).toEqual([['web:a b', 2]])
    expect(errors).toEqual([])
  })

  it('reaches all listeners, though one throws, and none that has left', async () => {
    const { bus, messages, errors } = await listening()
    const problem = new Error('a listener’s own')
    const left: number[] = []
    bus.onMessage(() => left.push(1))()
    bus.onMessage(() => {
      throw problem
    })
    const last: number[] = []
    bus.onMessage((_id, version) => last.push(version))
    await admin.publish(CHANNEL, `${id} 7`)

    await eventually(() => last.length > 0)
    expect([messages.length, last, left, errors]).toEqual([1, [7], [], [problem]])
  })
})

describe('the health of a bus', () => {
  it('is bad before it is started', () => {
    const { bus } = hear({ client: aClient(), channel: CHANNEL })
    expect([bus.isHealthy, bus.epoch]).toEqual([false, 0])
    return bus.close()
  })

  it('is bad at once when its connection is killed', async () => {
    // The first attempt to connect again comes after 50 ms at the earliest.
    const { bus } = hear({ client: aClient(), channel: CHANNEL, random: () => 0 })
    ends.push(() => bus.close())
    await eventually(() => bus.isHealthy)
    await admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')

    expect(await eventually(() => !bus.isHealthy)).toBeLessThan(50)
  })

  it('is bad within three seconds of a freeze, and good again in a new epoch', async () => {
    const { bus } = await listening(aClient({ commandTimeout: 50 }))
    const { epoch } = bus
    await server.freeze()
    try {
      expect(await eventually(() => !bus.isHealthy)).toBeLessThan(400)
    } finally {
      await server.thaw()
    }
    await eventually(() => bus.isHealthy)
    expect(bus.epoch).toBeGreaterThan(epoch)
  })

  it('is good again after a freeze over a client that waits for ever', async () => {
    const { bus } = await listening(aClient({ maxRetriesPerRequest: null }))
    await server.freeze()
    await eventually(() => !bus.isHealthy)
    await server.thaw()

    await eventually(() => bus.isHealthy)
  })

  it('is bad where heartbeats may not be published, which is told once', async () => {
    await admin.call('ACL', 'SETUSER', 'deaf', 'on', '>word', '~*', '&*', '+@all', '-publish')
    const { bus, errors } = listen(aClient({ username: 'deaf', password: 'word' }))
    await eventually(() => errors.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 50))

    expect(bus.isHealthy).toBe(false)
    expect(errors).toEqual([
      expect.objectContaining({ message: expect.stringContaining('NOPERM') }),
    ])
  })

  it('is bad where it may not subscribe, which is told at each attempt', async () => {
    await admin.call('ACL', 'SETUSER', 'mute', 'on', '>word', '~*', '&*', '+@all', '-subscribe')
    const { bus, errors } = listen(aClient({ username: 'mute', password: 'word' }))
    await eventually(() => errors.length > 1)

    expect(bus.isHealthy).toBe(false)
    expect(errors[0]).toMatchObject({ message: expect.stringContaining('NOPERM') })
  })
})
