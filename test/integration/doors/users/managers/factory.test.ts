import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { InvalidOptionError, openSessions, type Logger } from 'holdfast'
import {
  EnvironmentError,
  getPrismaClient,
  InMemoryUsers,
  closePrismaClient,
  MockUserManager,
  ProductionUserManager,
  UserManagerFactory,
  type ManagerConfiguration,
} from 'holdfast/users'
import { freshDatabase, sharedRedisUrl, type FreshDatabase } from '../../../../services.js'
import { applyMigrations } from '../apply-migrations.js'
import { connectionsTo } from '../connections.js'
import { withVariables } from '../with-variables.js'

const ignore = () => undefined
const quiet: Logger = { error: ignore, warn: ignore, info: ignore, debug: ignore }

let database: FreshDatabase
let config: ManagerConfiguration

beforeAll(async () => {
  database = await freshDatabase()
  await applyMigrations(database.url)
  config = { environment: 'production', databaseUrl: database.url, redisUrl: sharedRedisUrl() }
})

afterEach(() => UserManagerFactory.clearCache())
afterAll(() => database.drop())

describe('the factory', () => {
  it('gives everybody one manager with one pool, be there fifty at once', async () => {
    const managers = await Promise.all(
      Array.from({ length: 50 }, () => UserManagerFactory.create(config)),
    )
    const client = getPrismaClient({ databaseUrl: database.url })
    await Promise.all(managers.map((manager) => manager.count()))

    expect(new Set(managers).size).toBe(1)
    expect(managers[0]).toBeInstanceOf(ProductionUserManager)
    expect(await connectionsTo(database.url)).toBeLessThanOrEqual(10)
    await closePrismaClient({ databaseUrl: database.url })
    await expect(client.$queryRawUnsafe('select 1 as one')).resolves.toEqual([{ one: 1 }])
  })

  it('takes the same configuration in another order for the same', async () => {
    const { environment, databaseUrl, redisUrl } = config
    const [a, b] = [randomBytes(32).toString('hex'), randomBytes(32).toString('hex')]
    const encryption = { keys: { a, b }, current: 'a' }
    const reordered = { current: 'a', keys: { b, a } }
    const one = await UserManagerFactory.create({ ...config, ttl: '1h', encryption })
    const other = await UserManagerFactory.create({
      ...{ encryption: reordered, ttl: '1h', redisUrl, databaseUrl, environment },
      ...{ maxSessionsPerUser: undefined },
    })

    expect(other).toBe(one)
  })

  it.each([
    ['context', { context: 'admin' }],
    ['limit', { maxSessionsPerUser: 3 }],
    ['logger', { logger: console }],
  ])('takes another %s for another', async (_what, change) => {
    const [one, other] = [
      await UserManagerFactory.create(config),
      await UserManagerFactory.create({ ...config, ...change }),
    ]

    expect(other).not.toBe(one)
  })

  it('leaves no connection behind when its cache is cleared', async () => {
    const before = await connectionsTo(database.url)
    const managers = [
      await UserManagerFactory.create(config),
      await UserManagerFactory.create({ ...config, context: 'admin' }),
    ]
    await Promise.all(managers.map((manager) => manager.count()))
    expect(await connectionsTo(database.url)).toBeGreaterThan(before)

    await UserManagerFactory.clearCache()

    expect(await connectionsTo(database.url)).toBe(before)
    expect(UserManagerFactory.getCachedInstance()).toBeNull()
  })

  it('closes a manager that is being made when its cache is cleared', async () => {
    const creating = UserManagerFactory.create(config)
    await UserManagerFactory.clearCache()
    const manager = await creating

    await expect(manager.findBySessionId('an id')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    expect(await connectionsTo(database.url)).toBe(0)
  })

  it('makes a new one after its cache was cleared', async () => {
    const first = await UserManagerFactory.create(config)
    await UserManagerFactory.clearCache()
    const second = await UserManagerFactory.create(config)

    expect(second).not.toBe(first)
    expect(await second.count()).toBe(0)
  })

  it('tries again what could not be made, and leaves no connection of it', async () => {
    const empty = await freshDatabase()
    const fresh = { ...config, databaseUrl: empty.url }
    await expect(UserManagerFactory.create(fresh)).rejects.toMatchObject({
      code: 'ERR_MIGRATION_REQUIRED',
    })
    expect(UserManagerFactory.getCachedInstance()).toBeNull()
    await holdClientOnce(empty.url)
    expect(await connectionsTo(empty.url)).toBe(0)

    await applyMigrations(empty.url)

    await expect(UserManagerFactory.create(fresh)).resolves.toBeInstanceOf(ProductionUserManager)
    await UserManagerFactory.clearCache()
    await empty.drop()
  })

  it('makes the tables itself in development', async () => {
    const empty = await freshDatabase()
    const fresh = { ...config, environment: 'development', databaseUrl: empty.url } as const
    const manager = await UserManagerFactory.create(fresh)

    expect(await manager.count()).toBe(0)
    await UserManagerFactory.clearCache()
    await empty.drop()
  })

  it('keeps its tables in the schema that the URL names', async () => {
    const empty = await freshDatabase()
    const databaseUrl = `${empty.url}?schema=accounts`
    const manager = await UserManagerFactory.create({
      ...config,
      ...{ environment: 'development', databaseUrl },
    })
    const user = await manager.create({ email: 'ada@example.org' })
    const id = await manager.createSession(user.id, { ip: '192.0.2.1' })
    const client = getPrismaClient({ databaseUrl })
    const rows = await client.$queryRawUnsafe('select id from accounts."User"')

    expect(rows).toEqual([{ id: user.id }])
    expect((await manager.findBySessionId(id))?.id).toBe(user.id)
    await closePrismaClient({ databaseUrl })
    await UserManagerFactory.clearCache()
    await empty.drop()
  })

  it('gives each request the manager that is there', async () => {
    const manager = await UserManagerFactory.create(config)

    expect(await UserManagerFactory.createForContext()).toBe(manager)
    expect(UserManagerFactory.getCachedInstance()).toBe(manager)
  })

  it('makes one for the first request', async () => {
    expect(UserManagerFactory.getCachedInstance()).toBeNull()
    const manager = await UserManagerFactory.createForContext()

    expect(manager).toBeInstanceOf(MockUserManager)
    expect(await UserManagerFactory.createForContext()).toBe(manager)
  })

  it('gives each request the manager that was made first, not the one that was asked for first', async () => {
    const slow = UserManagerFactory.create(config)
    const quick = await UserManagerFactory.create({ environment: 'mock' })
    await slow

    expect(await UserManagerFactory.createForContext()).toBe(quick)
  })

  it('knows a logger by what it is, whatever changes in it', async () => {
    const logger: Logger & Record<string, unknown> = { ...quiet, lines: 0 }
    logger['self'] = logger
    const one = await UserManagerFactory.create({ ...config, logger })
    logger['lines'] = 1

    expect(await UserManagerFactory.create({ ...config, logger })).toBe(one)
    expect(await UserManagerFactory.create({ ...config, logger: { ...quiet } })).not.toBe(one)
  })

  it('makes a new one in the place of one that was closed', async () => {
    const first = await UserManagerFactory.create(config)
    await first.close()

    expect(UserManagerFactory.getCachedInstance()).toBeNull()
    const second = await UserManagerFactory.create(config)
    expect(second).not.toBe(first)
    expect(await second.count()).toBe(0)
  })

  it('leaves nothing of a closed manager to be asked', async () => {
    const manager = await UserManagerFactory.create(config)
    await UserManagerFactory.clearCache()

    await expect(manager.count()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await expect(manager.findByEmail('ada@example.org')).rejects.toMatchObject({
      code: 'ERR_CLOSED',
    })
    expect(await connectionsTo(database.url)).toBe(0)
  })

  it.each(['userId', 'hashSessionIds'])(
    'takes no %s: managers could not tell whose session is whose',
    async (option) => {
      const wrong = { userId: () => 'x', hashSessionIds: false } as Record<string, unknown>
      const creating = UserManagerFactory.create({ ...config, [option]: wrong[option] })

      await expect(creating).rejects.toMatchObject({ code: 'ERR_INVALID_OPTION', option })
      const engine = openSessions({ ledger: 'memory', [option]: wrong[option] })
      const make = () => new ProductionUserManager({ engine, users: new InMemoryUsers() })
      expect(make).toThrow(option)
      await engine.close()
    },
  )

  it.each([
    ['environment', { environment: 'staging' }],
    ['maxSessionsPerUser', { maxSessionsPerUser: 0 }],
    ['databaseURL', { databaseURL: 'postgres://db/app' }],
    ['ttl', { ttl: 'a day' }],
  ])('refuses a wrong option by its name: %s', async (option, wrong) => {
    const creating = UserManagerFactory.create(wrong as ManagerConfiguration)

    await expect(creating).rejects.toThrow(InvalidOptionError)
    await expect(creating).rejects.toMatchObject({ option })
  })

  it.each([
    ['DATABASE_URL', { databaseUrl: 'mysql://u:hunter2@db/app' }],
    ['REDIS_URL', { redisUrl: 'http://u:hunter2@db' }],
  ])('refuses a malformed URL in production by its name: %s', async (variable, wrong) => {
    const creating = UserManagerFactory.create({ ...config, ...wrong })

    await expect(creating).rejects.toThrow(EnvironmentError)
    await expect(creating).rejects.toMatchObject({ variable })
    await expect(creating).rejects.not.toThrow('hunter2')
  })

  it('warns once of a mock beside a database on another machine', async () => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const DATABASE_URL = 'postgres://db.example.org/app'
    await withVariables({ NODE_ENV: undefined, DATABASE_URL }, async () => {
      await UserManagerFactory.create()
      await UserManagerFactory.create({ context: 'admin' })
    })
    const warned = warn.mock.calls.map(([, options]) => options as { readonly code?: string })
    warn.mockRestore()

    const codes = warned.map(({ code }) => code)
    expect(codes.filter((code) => code === 'HOLDFAST_MOCK_BESIDE_DATABASE')).toHaveLength(1)
  })
})

/** Asks for the client, and gives it back: it is closed then, if nobody else holds it. */
async function holdClientOnce(databaseUrl: string): Promise<void> {
  await getPrismaClient({ databaseUrl }).$queryRawUnsafe('select 1')
  await closePrismaClient({ databaseUrl })
}
