import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import type { SessionLedger } from '../../../../src/core/ledger.js'
import type { SessionRecord } from '../../../../src/core/record.js'
import { RedisLedger } from '../../../../src/ledgers/redis/redis-ledger.js'
import { OFFSETS, packRecord, packTime } from '../../../../src/drivers/redis/record-format.js'
import { aChange, aRevocation } from '../../../../src/testing/fixtures.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'

const HOUR = 3_600_000

let redis: Redis
let prefix: string
let ledger: SessionLedger
let told: string[]
let held: SessionRecord
let neighbour: SessionRecord

beforeAll(() => {
  redis = new Redis(sharedRedisUrl())
})

beforeEach(async () => {
  prefix = freshPrefix()
  told = []
  const onCorrupt = (id: string, problem: string): void => void told.push(`${id}: ${problem}`)
  ledger = new RedisLedger({ client: redis, prefix, onCorrupt })
  held = await commit()
  neighbour = await commit()
})

afterAll(() => redis.disconnect())

async function commit(fields: Parameters<typeof aChange>[0] = {}): Promise<SessionRecord> {
  const [outcome] = await ledger.commit([aChange({ userId: 'ada', ...fields })])
  if (outcome?.kind !== 'committed') throw new Error(`The change is ${outcome?.kind}`)
  return outcome.record
}

function keyOf({ id }: SessionRecord): string {
  return `${prefix}web@session:${id}`
}

type Damage = (value: Buffer) => Promise<Buffer> | Buffer

const altered = (at: number, text: string): Damage => {
  return (value) =>
    Buffer.concat([value.subarray(0, at), Buffer.from(text), value.subarray(at + text.length)])
}

/** What a cache holds of the same session: nothing of what a ledger knows besides. */
function aCachedValue(): Buffer {
  const { head, payload } = packRecord({ ...held, data: '{}\n{"visits":1}' })
  return Buffer.from(`${head}${packTime(Date.now())}a-run-00${payload}`)
}

const damages: readonly (readonly [what: string, damage: Damage])[] = [
  ['is cut in its payload', (value) => value.subarray(0, -5)],
  ['is cut in its header', (value) => value.subarray(0, 60)],
  ['is empty', () => Buffer.from('')],
  ['is something else', () => Buffer.from('something else')],
  ['is altered in its payload', altered(OFFSETS.end + 30, 'X')],
  ['is altered in its header', altered(OFFSETS.version, '0000000009')],
  ['has no number for its expiry', altered(OFFSETS.expiresAt, 'soon')],
  ['is no UTF-8', (value) => Buffer.concat([value.subarray(0, 80), Buffer.from([0xff, 0xfe])])],
  ['is a tombstone without an expiry', () => Buffer.from(`T${held.id.slice(0, 8)}0000000003`)],
  ['is a cache’s', (): Buffer => aCachedValue()],
  ['is the token of a cache’s fill', () => Buffer.from(`F${held.id.slice(0, 8)}a-token`)],
  ['is another session’s', () => redis.getBuffer(keyOf(neighbour)) as Promise<Buffer>],
]

/** Puts in the place of the value what the damage makes of it. */
async function doDamage(damage: Damage): Promise<void> {
  const value = await redis.getBuffer(keyOf(held))
  await redis.set(keyOf(held), await damage(value ?? Buffer.from('')))
}

describe.each(damages)('a value that %s', (_, damage) => {
  beforeEach(() => doDamage(damage))

  it('reads as absent, and is told of, without what it holds', async () => {
    expect([...(await ledger.read([held.id, neighbour.id])).keys()]).toEqual([neighbour.id])
    expect(told).toEqual([expect.stringMatching(`^${held.id}: it|^${held.id}: its`)])
    expect(told.join()).not.toContain('visits')
  })

  it('is in nobody’s way in a list', async () => {
    expect((await ledger.list({ limit: 9 })).map(({ id }) => id)).toEqual([neighbour.id])
    expect((await ledger.list({ userId: 'ada', limit: 9 })).map(({ id }) => id)).toEqual([
      neighbour.id,
    ])
  })

  it('is gone for an update, and gives way to an insert', async () => {
    expect(await ledger.commit([aChange({ id: held.id, base: held })])).toEqual([
      { kind: 'gone', revoked: false },
    ])
    const anew = await commit({ id: held.id, userId: 'grace', data: 'anew' })

    expect((await ledger.read([held.id])).get(held.id)).toEqual({ kind: 'live', record: anew })
    expect(await ledger.list({ userId: 'ada', limit: 9 })).toHaveLength(1)
    expect(await ledger.list({ userId: 'grace', limit: 9 })).toHaveLength(1)
  })

  it('gives way to a tombstone', async () => {
    const ended = await ledger.revoke([aRevocation({ id: held.id, absentTtl: HOUR })])

    expect(ended.size).toBe(0)
    expect((await ledger.read([held.id])).get(held.id)?.kind).toBe('tombstone')
    expect(await ledger.stats()).toEqual({ active: 1, expired: 0, revoked: 1, users: 1 })
  })
})

describe('a value whose time can not be read', () => {
  it.each([
    ['something else', 'something else'],
    ['no number', `L${'-'.repeat(OFFSETS.end)}`],
  ])('is swept when that is over: %s', async (_, value) => {
    await redis.set(keyOf(held), value)
    await redis.zadd(`${prefix}web@live`, 1, held.id)

    expect(await ledger.sweep(9)).toEqual({ kind: 'swept', removed: 1 })
    expect(await redis.exists(keyOf(held))).toBe(0)
    expect(await ledger.stats()).toEqual({ active: 1, expired: 0, revoked: 0, users: 1 })
  })
})

describe('a value that is no string', () => {
  it('reads as absent, is told of, and gives way to an insert', async () => {
    await redis.del(keyOf(held))
    await redis.rpush(keyOf(held), 'a list')

    expect((await ledger.read([held.id])).size).toBe(0)
    expect(told).toHaveLength(1)
    expect((await ledger.touch([{ id: held.id, ttl: HOUR }])).size).toBe(0)
    const anew = await commit({ id: held.id })
    expect((await ledger.read([held.id])).get(held.id)).toEqual({ kind: 'live', record: anew })
  })
})

it('a value of another session is not touched under an id', async () => {
  const [one, other] = [await commit(), await commit()]
  const value = await redis.getBuffer(keyOf(other))
  await redis.set(keyOf(one), value!)

  const touched = await ledger.touch([{ id: one.id, ttl: 7_200_000 }])

  expect(touched.size).toBe(0)
  expect(await redis.getBuffer(keyOf(one))).toEqual(value)
})
