import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { RedisCache } from '../../../../src/caches/redis/redis-cache.js'
import { fillCache } from '../../../../src/testing/cache-contract/cache-check.js'
import { anId, aRecord } from '../../../../src/testing/fixtures.js'
import { freshPrefix, sharedRedisUrl } from '../../../services.js'

const HOUR = 3_600_000
const { id } = aRecord()

let client: Redis
let cache: RedisCache
let key: string

beforeAll(() => {
  client = new Redis(sharedRedisUrl())
})

beforeEach(async () => {
  const prefix = freshPrefix()
  key = `${prefix}web:${id}`
  cache = new RedisCache({ client, prefix })
  await client.hset(key, 'a field', 'of something else')
})

afterAll(() => client.disconnect())

describe('a value that is no string', () => {
  it('is forgotten', async () => {
    await cache.forget(id, 1)
    expect(await client.exists(key)).toBe(0)
  })

  it('gives way to a tombstone', async () => {
    await cache.bury(id, { version: 1, ttl: HOUR })
    expect((await cache.read(id)).kind).toBe('tombstone')
  })

  it('gives way to a fill', async () => {
    expect((await cache.reserve(id, 'a-token')).kind).toBe('absent')
    expect(await cache.put(aRecord(), { fill: 'a-token' })).toBe('ok')
  })

  it('is absent where it is read together with records, which are found', async () => {
    const record = aRecord({ id: anId() })
    await fillCache(cache, record)
    const held = await Promise.all([id, record.id].map((each) => cache.read(each)))

    expect(held).toMatchObject([{ kind: 'absent' }, { kind: 'live', record }])
  })

  it('is nothing that could be updated or touched', async () => {
    expect(await cache.put(aRecord(), 'update')).toBe('absent')
    await client.del(key)
    await client.hset(key, 'a', '1')
    await cache.touch(id, { version: 1, expiresAt: Date.now() + HOUR })

    expect(await client.exists(key)).toBe(0)
  })
})

describe('a user who may use some of the keys', () => {
  it('is refused the others alone, of those that are put and read in one turn', async () => {
    const user = `user-${key.replaceAll(/\W/g, '')}`
    const prefix = key.slice(0, key.indexOf('web:'))
    const mine = anId()
    const rules = ['on', '>word', `~${prefix}web:${mine}`, '&*', '+@all']
    await client.call('ACL', 'SETUSER', user, ...rules)
    const restricted = new Redis(sharedRedisUrl(), { username: user, password: 'word' })
    const some = new RedisCache({ client: restricted, prefix })
    const puts = [mine, id].map((each) => some.put(aRecord({ id: each }), 'update'))
    const reads = [mine, id].map((each) => some.read(each))

    expect(await Promise.allSettled([...puts, ...reads])).toMatchObject([
      { value: 'absent' },
      { reason: { message: expect.stringContaining('NOPERM') } },
      { value: { kind: 'absent' } },
      { reason: { message: expect.stringContaining('NOPERM') } },
    ])
    restricted.disconnect()
    await client.call('ACL', 'DELUSER', user)
  })
})

describe('a header that may not be read', () => {
  it('is an error, and not a value that is not there', async () => {
    const user = `user-${key.replaceAll(/\W/g, '')}`
    await client.call('ACL', 'SETUSER', user, 'on', '>word', '~*', '&*', '+@all', '-getrange')
    const restricted = new Redis(sharedRedisUrl(), { username: user, password: 'word' })
    const mayNot = new RedisCache({ client: restricted, prefix: key.slice(0, key.indexOf('web:')) })

    await expect(mayNot.forget(id, 1)).rejects.toThrow(/NOPERM|can't run this command/i)
    expect(await client.exists(key)).toBe(1)
    restricted.disconnect()
    await client.call('ACL', 'DELUSER', user)
  })
})
