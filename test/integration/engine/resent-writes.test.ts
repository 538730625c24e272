import { afterEach, describe, expect, it } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'
import { openSessions, type SessionEngine } from '../../../src/index.js'
import { freshPrefix, sharedRedisUrl, startRedisCluster } from '../../services.js'
import { DeafProxy } from '../ledgers/redis/deaf-proxy.js'

const TTL = 60_000

const ends: (() => unknown)[] = []

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function open(redis: Redis | Cluster, prefix: string): SessionEngine {
  redis.on('error', () => {})
  const engine = openSessions({ redis, prefix, sweepEvery: false, ledgerTimeout: 4_000 })
  ends.push(
    () => redis.disconnect(),
    () => engine.close(),
  )
  return engine
}

/** One engine writes, its reply is lost, and another writes upon that before the client is back. */
async function overtaken(
  { mine, theirs }: Record<'mine' | 'theirs', SessionEngine>,
  proxies: readonly DeafProxy[],
) {
  const id = theirs.idOf('a-session')
  if (!id) throw new Error('There is no id')
  await theirs.write(id, { content: { cart: 0 }, ttl: TTL, cursor: { base: 'new' } })
  const seen = await mine.read(id)
  if (!seen) throw new Error('There is no session')
  const lost = Promise.race(proxies.map((proxy) => proxy.loseNextReply()))
  const writing = mine
    .write(id, { content: { cart: 1 }, ttl: TTL, cursor: { base: seen } })
    .catch((error: unknown) => error)
  await lost
  const base = await theirs.read(id)
  if (!base) throw new Error('There is no session')
  expect(base.content).toEqual({ cart: 1 })
  await theirs.write(id, { content: { cart: 2 }, ttl: TTL, cursor: { base } })
  for (const proxy of proxies) proxy.letThrough()
  await writing
  return (await theirs.read(id))?.content
}

describe('a write that the client sends again, its reply being lost', () => {
  it('takes back nothing that was written upon it meanwhile', async () => {
    const url = new URL(sharedRedisUrl())
    const proxy = await DeafProxy.open(Number(url.port))
    ends.push(() => proxy.close())
    const prefix = freshPrefix()
    const mine = open(new Redis({ port: proxy.port }), prefix)
    const theirs = open(new Redis(url.href), prefix)

    expect(await overtaken({ mine, theirs }, [proxy])).toEqual({ cart: 2 })
  })

  it('takes back nothing in a Cluster either', async () => {
    const cluster = await startRedisCluster(3)
    ends.push(() => cluster.stop())
    const ports = cluster.primaries.map(({ url }) => Number(new URL(url).port))
    const proxies = await Promise.all(ports.map((port) => DeafProxy.open(port)))
    ends.push(...proxies.map((proxy) => () => proxy.close()))
    const ways = proxies.map(({ port }) => ({ host: '127.0.0.1', port }))
    const natMap = Object.fromEntries(ports.map((port, at) => [`127.0.0.1:${port}`, ways[at]!]))
    const prefix = `{${freshPrefix()}}`
    const mine = open(new Cluster(ways, { natMap }), prefix)
    const theirs = open(new Cluster(cluster.primaries.map(({ url }) => url)), prefix)

    expect(await overtaken({ mine, theirs }, proxies)).toEqual({ cart: 2 })
  })
})
