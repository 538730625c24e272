import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { BusClient } from '../../../../src/caches/redis/bus-client.js'
import { TcpProxy } from '../../../chaos/proxy/tcp-proxy.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { startRedis, type RedisServer } from '../../../services.js'
import { fasterBy, hear, type Heard } from './heard.js'

let server: RedisServer
let proxy: TcpProxy
let client: Redis
let heard: Heard

beforeAll(async () => {
  server = await startRedis()
})

beforeEach(async () => {
  proxy = await TcpProxy.open({ server: server.url })
  client = new Redis(proxy.url)
  client.on('error', () => {})
})

afterEach(async () => {
  await heard.bus.close()
  client.disconnect()
  await proxy.close()
})

afterAll(() => server.stop())

async function listening(): Promise<Heard> {
  heard = hear({ client, channel: 'bus', clock: fasterBy(10) })
  await eventually(() => heard.bus.isHealthy)
  return heard
}

describe('a subscriber', () => {
  it('is replaced where nothing reaches it any more, though its connection stands', async () => {
    const { bus, errors } = await listening()
    const { epoch } = bus
    proxy.blackhole({ only: 'subscribers', direction: 'replies' })

    expect(await eventually(() => !bus.isHealthy)).toBeLessThan(400)
    await eventually(() => errors.length > 0)
    proxy.pass()
    await eventually(() => bus.isHealthy, 10_000)
    expect(bus.epoch).toBeGreaterThan(epoch)
    expect(errors[0]).toMatchObject({ message: expect.stringContaining('is not heard') })
  })

  it('is not believed where it hears everything, but late', async () => {
    const { bus } = await listening()
    proxy.delay(400, { only: 'subscribers', direction: 'replies' })

    await eventually(() => !bus.isHealthy)
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(bus.isHealthy).toBe(false)
  })

  it('is not believed while the client is cut off, and keeps its connection', async () => {
    const { bus, errors } = await listening()
    proxy.blackhole({ only: 'commands' })

    await eventually(() => !bus.isHealthy)
    expect(proxy.count('subscribers')).toBe(1)
    proxy.pass()
    await eventually(() => bus.isHealthy, 10_000)
    expect(errors.filter((error) => String(error).includes('is not heard'))).toEqual([])
  })

  it('is not believed where it hears another server than the client’s', async () => {
    const other = await startRedis()
    const elsewhere = new Redis(other.url)
    try {
      const split: BusClient = {
        publish: (channel, message) => client.publish(channel, message),
        duplicate: (options: object) => elsewhere.duplicate(options),
      }
      heard = hear({ client: split, channel: 'bus', clock: fasterBy(10) })
      await eventually(() => heard.errors.length > 1)

      expect([heard.bus.isHealthy, heard.bus.epoch]).toEqual([false, 0])
    } finally {
      elsewhere.disconnect()
      await other.stop()
    }
  })
})
