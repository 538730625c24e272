import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import { cacheContract } from '../../../../src/testing/cache-contract.js'
import { freshPrefix, startRedis, type RedisServer } from '../../../services.js'

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

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
