import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { SessionRecord } from '../../../../src/core/record.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { unpackSession } from '../../../../src/ledgers/redis/stored-value.js'
import { aChange, anId, aRevocation } from '../../../../src/testing/fixtures.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'

const clients: Redis[] = []

beforeAll(() => {
  for (let n = 0; n < 3; n++) clients.push(new Redis(sharedRedisUrl()))
})

afterAll(() => {
  for (const client of clients) client.disconnect()
})

/** Numbers from 0 to below 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** Does this and that to a few sessions, and gives what was committed. */
async function workAtRandom(
  ledger: RedisLedger,
  { random, sweeps }: { random: () => number; sweeps: boolean },
): Promise<readonly SessionRecord[]> {
  const committed: SessionRecord[] = []
  const bases = new Map<string, SessionRecord>()
  const pick = <T>(...from: readonly T[]): T => from[Math.floor(random() * from.length)]!
  for (let step = 0; step < 600; step++) {
    const id = anId(`session ${pick(1, 2, 3, 4)}`)
    const ttl = pick(2, 5, 30)
    const what = pick('commit', 'commit', 'commit', 'insert', 'touch', 'revoke', 'sweep', 'flush')
    if (what === 'touch') await ledger.touch([{ id, ttl }])
    if (what === 'revoke') await ledger.revoke([aRevocation({ id, absentTtl: pick(0, 3) })])
    if (what === 'sweep' && sweeps) await ledger.sweep(pick(1, 5))
    if (what === 'flush' && random() < 0.2) await clients[0]!.script('FLUSH')
    if (what !== 'commit' && what !== 'insert') continue
    const base = what === 'insert' ? undefined : bases.get(id)
    const userId = pick(undefined, 'ada', 'grace')
    const [outcome] = await ledger.commit([aChange({ id, base, ttl, userId })])
    if (outcome?.kind === 'gone') bases.delete(id)
    else if (outcome) bases.set(id, outcome.record)
    if (outcome?.kind === 'committed') committed.push(outcome.record)
  }
  return committed
}

/** All that Redis holds of these sessions, and what should find it. */
async function expectedIndexes(redis: Redis, prefix: string): Promise<Record<string, unknown>> {
  const live: Record<string, number> = {}
  const dead: Record<string, number> = {}
  const owners: Record<string, string> = {}
  const beginning = `${prefix}web@session:`
  for (const key of await redis.keys(`${beginning}*`)) {
    const id = toSessionId(key.slice(beginning.length))
    const found = unpackSession(id, 'web', (await redis.get(key)) ?? '')
    if (found.kind === 'corrupt') throw new Error(found.problem)
    const { expiresAt, revokedReason, userId } = found.session
    if (revokedReason === undefined) live[id] = expiresAt
    else dead[id] = expiresAt
    if (revokedReason === undefined && userId !== undefined) owners[id] = `${userId}\0${id}`
  }
  const [ids, users] = [Object.keys(live), Object.values(owners)].map((each) => each.sort())
  return { live, dead, owners, ids, users }
}

async function indexesHeld(redis: Redis, prefix: string): Promise<Record<string, unknown>> {
  const key = (name: string): string => `${prefix}web@${name}`
  const scores = async (name: string): Promise<Record<string, number>> => {
    const ids = await redis.zrange(key(name), '0', '-1')
    const pairs = ids.map(async (id) => [id, Number(await redis.zscore(key(name), id))] as const)
    return Object.fromEntries(await Promise.all(pairs))
  }
  return {
    live: await scores('live'),
    dead: await scores('dead'),
    owners: await redis.hgetall(key('owners')),
    ids: await redis.zrange(key('ids'), '0', '-1'),
    users: await redis.zrange(key('users'), '0', '-1'),
  }
}

describe('what three clients do at random to four sessions', () => {
  const work = async (sweeps: boolean, seed: number) => {
    const prefix = freshPrefix()
    const committed = await Promise.all(
      clients.map((client, n) => {
        const random = randomFrom(seed * 100 + n)
        return workAtRandom(new RedisLedger({ client, prefix }), { random, sweeps })
      }),
    )
    return { prefix, names: committed.flat().map(({ id, version }) => `${id} ${version}`) }
  }

  it.each([1, 2, 3, 4, 5, 6])('mints no version twice: seed %i', async (seed) => {
    const { names } = await work(false, seed)

    expect(names.length).toBeGreaterThan(10)
    expect(new Set(names).size).toBe(names.length)
  })

  it.each([1, 2, 3, 4, 5, 6])('leaves what finds a session true: seed %i', async (seed) => {
    const { prefix, names } = await work(true, seed)

    const [redis] = clients
    expect(names.length).toBeGreaterThan(10)
    expect(await indexesHeld(redis!, prefix)).toEqual(await expectedIndexes(redis!, prefix))
  })
})
