import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import { cacheContract } from '../../../../src/testing/cache-contract.js'
import { eventually } from '../../../chaos/scene/eventually.js'
import { freshPrefix, startRedis, type RedisServer } from '../../../services.js'
import { fasterBy, hear, type Heard } from './heard.js'

let server: RedisServer
let cluster: Cluster

beforeAll(async () => {
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
  server = await startRedis({ args: [...args, '--cluster-port', String(await freePort())] })
  const node = new Redis(server.url)
  await node.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383')
  while (!(await node.cluster('INFO')).includes('cluster_state:ok')) {
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  node.disconnect()
  cluster = new Cluster([server.url], { redisOptions: { commandTimeout: 1000 } })
})

afterAll(async () => {
  cluster.disconnect()
  await server.stop()
})

describe('the contract of a cache, on a Cluster', () => {
  it.each(cacheContract)('$name', ({ check }) =>
    check(async () => new RedisCache({ client: cluster, prefix: freshPrefix() })),
  )
})

describe('the bus, on a Cluster', () => {
  let heard: Heard

  beforeEach(async () => {
    heard = hear({ client: cluster, channel: 'bus', clock: fasterBy(10) })
    await eventually(() => heard.bus.isHealthy)
  })

  afterEach(() => heard.bus.close())

  it('hears what is published at any node', async () => {
    await cluster.publish('bus', 'an-id 7')

    await eventually(() => heard.messages.length > 0)
    expect(heard.messages).toEqual([['an-id', 7]])
    expect(heard.errors).toEqual([])
  })

  it('heals in a new epoch when its connection is killed', async () => {
    const { bus } = heard
    const { epoch } = bus
    await cluster.nodes('master')[0]!.call('CLIENT', 'KILL', 'TYPE', 'pubsub')

    await eventually(() => bus.isHealthy && bus.epoch === epoch + 1)
    expect(heard.errors).toEqual([])
  })

  it('leaves the Cluster open when it is closed', async () => {
    await heard.bus.close()

    expect(await cluster.ping()).toBe('PONG')
  })
})

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
