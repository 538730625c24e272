import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { startRedis, type RedisServer } from './redis.ts'

const SLOTS = 16_384
const LOOK_AGAIN = 20

/** A Redis Cluster of a test's own, of primaries alone. */
export interface RedisCluster {
  readonly primaries: readonly RedisServer[]

  /** Resolves when every primary knows that all slots are served. */
  agreed(): Promise<void>
  stop(): Promise<void>
}

/** Starts so many primaries, that share the slots. The caller stops them. */
export async function startRedisCluster(size: number): Promise<RedisCluster> {
  const primaries = await Promise.all(Array.from({ length: size }, () => startPrimary()))
  const nodes = primaries.map(({ url }) => new Redis(url, { retryStrategy: () => LOOK_AGAIN }))
  for (const node of nodes) node.on('error', () => {})
  const first = primaries[0]!
  const [busPort] = /(?<=@)\d+/.exec(String(await nodes[0]!.cluster('NODES'))) ?? []
  await Promise.all(
    nodes.map((node, index) => node.call('CLUSTER', 'ADDSLOTSRANGE', ...slotsOf(index, size))),
  )
  for (const node of nodes.slice(1)) {
    await node.call('CLUSTER', 'MEET', '127.0.0.1', first.port, busPort ?? '')
  }
  const agreed = async (): Promise<void> => {
    for (const node of nodes) {
      while (!(await knowsAll(node, size))) await delay(LOOK_AGAIN)
    }
  }
  await agreed()
  return {
    primaries,
    agreed,
    async stop() {
      for (const node of nodes) node.disconnect()
      await Promise.all(primaries.map((primary) => primary.stop()))
    },
  }
}

async function startPrimary(): Promise<RedisServer> {
  const args = ['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1']
  const busPort = ['--cluster-port', String(await freePort())]
  return startRedis({ args: [...args, ...busPort, '--cluster-node-timeout', '2000'] })
}

function slotsOf(index: number, size: number): [first: number, last: number] {
  const at = (place: number) => Math.floor((SLOTS * place) / size)
  return [at(index), at(index + 1) - 1]
}

async function knowsAll(node: Redis, size: number): Promise<boolean> {
  const info = await node.cluster('INFO').catch(() => '')
  return info.includes('cluster_state:ok') && info.includes(`cluster_size:${size}\r`)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  return port
}
