import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { EngineStore } from 'holdfast/express'
import { MemorySessionAdapter, RedisSessionAdapter, type SessionData } from 'holdfast/users'
import { freshPrefix, startRedis, type RedisServer } from '../../../../services.js'
import type { EngineSessionAdapter } from '../../../../../src/doors/users/sessions/engine-session-adapter.js'
import { withVariables } from '../with-variables.js'

let redis: RedisServer
let inRedis: RedisSessionAdapter

beforeAll(async () => {
  redis = await startRedis()
  inRedis = new RedisSessionAdapter({ redis: redis.url, prefix: freshPrefix() })
  await inRedis.ready()
})

afterAll(async () => {
  await inRedis.close()
  await redis.stop()
})

const now = Date.now()
const data: SessionData = {
  user_id: 'ada',
  created_at: now,
  expires_at: now + 60_000,
  ip: '192.0.2.1',
  user_agent: 'Lynx',
}

const adapters: readonly (readonly [string, () => EngineSessionAdapter])[] = [
  ['RedisSessionAdapter', () => inRedis],
  ['MemorySessionAdapter', () => new MemorySessionAdapter()],
]

describe.each(adapters)('a %s', (name, adapterOf) => {
  let made = 0
  const anId = () => `${name} ${++made}`

  it('gives back what was set, and its end', async () => {
    const id = anId()
    await adapterOf().set(id, data, 3_600)
    const session = await adapterOf().get(id)

    expect(session).toEqual({ ...data, expires_at: expect.any(Number) })
    expect(Math.abs(session!.expires_at - Date.now() - 3_600_000)).toBeLessThan(5_000)
  })

  it('leaves out a user agent that is not known', async () => {
    const { user_agent: _, ...rest } = data
    const id = anId()
    await adapterOf().set(id, rest, 60)

    expect(Object.keys((await adapterOf().get(id))!)).not.toContain('user_agent')
  })

  it('replaces what was set before', async () => {
    const id = anId()
    await adapterOf().set(id, data, 60)
    await adapterOf().set(id, { ...data, user_id: 'grace' }, 60)

    expect((await adapterOf().get(id))?.user_id).toBe('grace')
  })

  it('has nothing of what was deleted, and does not bring it back', async () => {
    const id = anId()
    await adapterOf().set(id, data, 60)
    await adapterOf().delete(id)
    await adapterOf().set(id, data, 60)
    await adapterOf().extend(id, 60)

    expect(await adapterOf().get(id)).toBeNull()
    await expect(adapterOf().delete(id)).resolves.toBeUndefined()
  })

  it('lets a session live longer, and never shorter', async () => {
    const id = anId()
    await adapterOf().set(id, data, 60)
    await adapterOf().extend(id, 3_600)
    await adapterOf().extend(id, 60)

    expect((await adapterOf().get(id))!.expires_at).toBeGreaterThan(Date.now() + 3_500_000)
  })

  it.each([0, -1, 0.9, NaN, '60'])('refuses a lifetime of %p seconds', async (ttl) => {
    const wrong = { code: 'ERR_INVALID_OPTION' }

    await expect(adapterOf().set(anId(), data, ttl as number)).rejects.toMatchObject(wrong)
    await expect(adapterOf().extend(anId(), ttl as number)).rejects.toMatchObject(wrong)
  })

  it.each(['', undefined, {}, [], 'x'.repeat(10 * 1024 * 1024)])(
    'has nothing under an id that is none, and stores nothing there',
    async (value) => {
      const id = value as string

      expect(await adapterOf().get(id)).toBeNull()
      await expect(adapterOf().delete(id)).resolves.toBeUndefined()
      await expect(adapterOf().set(id, data, 60)).rejects.toMatchObject({
        code: 'ERR_INVALID_SESSION_ID',
      })
    },
  )

  it('shows an express-session store over its engine the same session', async () => {
    const id = anId()
    const store = new EngineStore(adapterOf().engine)
    await adapterOf().set(id, data, 60)
    expect(await store.get(id)).toMatchObject({ userId: 'ada' })

    await store.destroy(id)

    expect(await adapterOf().get(id)).toBeNull()
  })
})

describe('a MemorySessionAdapter', () => {
  const web = () => new MemorySessionAdapter()
  const admin = () => new MemorySessionAdapter({ context: 'admin' })

  let [one, two, three] = ['', '', '']

  beforeEach(() => {
    ;[one, two, three] = [randomUUID(), randomUUID(), randomUUID()]
  })
  afterEach(() => Promise.all([web().clear(), admin().clear()]))

  it('shares its sessions with the others of its context, and no other', async () => {
    await web().set(one, data, 60)

    expect(await web().get(one)).toMatchObject({ user_id: 'ada' })
    expect(await admin().get(one)).toBeNull()
  })

  it('names keys by context, and by nothing that a cookie holds', async () => {
    await web().set(one, data, 60)
    await admin().set(two, data, 60)

    expect(await web().keys()).toEqual([expect.stringMatching(/^session:web:[\w-]{43}$/)])
    expect(await admin().keys()).toEqual([expect.stringMatching(/^session:admin:[\w-]{43}$/)])
    expect(JSON.stringify(await web().dump())).not.toContain(one)
  })

  it('counts, and clears its own context', async () => {
    await web().set(one, data, 60)
    await web().set(two, data, 60)
    await admin().set(three, data, 60)
    expect(await web().size()).toBe(2)

    expect(await web().clear()).toBe(2)

    expect([await web().size(), await admin().size()]).toEqual([0, 1])
  })

  it('is refused in production', async () => {
    await withVariables({ NODE_ENV: 'production' }, async () => {
      expect(web).toThrow('production')
    })
  })
})

describe('a RedisSessionAdapter', () => {
  it('refuses to begin a session in a Redis that is away, and gets ready when it is back', async () => {
    const server = await startRedis()
    const adapter = new RedisSessionAdapter({ redis: server.url })
    await adapter.ready()
    await server.kill()
    await expect(adapter.set('an id', data, 60)).rejects.toMatchObject({
      code: 'ERR_LEDGER_UNAVAILABLE',
    })
    await expect(adapter.get('an id')).rejects.toMatchObject({ code: 'ERR_LEDGER_UNAVAILABLE' })
    const ready = adapter.ready()
    await server.restart()

    await expect(ready).resolves.toBeUndefined()
    await adapter.close()
    await server.stop()
  })
})
