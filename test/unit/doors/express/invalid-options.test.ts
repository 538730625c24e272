import { describe, expect, it } from '@jest/globals'
import {
  EngineStore,
  MemorySessionStore,
  PrismaSessionStore,
  RedisFirstStore,
} from '../../../../src/doors/express/index.js'
import { InvalidOptionError } from '../../../../src/core/errors.js'
import { silentLogger } from '../../../../src/core/logger.js'
import { openSessions } from '../../../../src/open-sessions.js'

/** A client that must not be asked for anything by a constructor. */
const prisma = {
  $queryRawUnsafe(): never {
    throw new Error('A constructor asked the database')
  },
}
const ask = (): never => {
  throw new Error('A constructor asked Redis')
}
const redis = {
  get: ask,
  eval: ask,
  evalsha: ask,
  ping: ask,
  info: ask,
  on: ask,
  off: ask,
} as never
const secret = 'kelp-and-salt-and-a-long-tide-0123456789'

const invalid: readonly (readonly [option: string, value: unknown])[] = [
  ...['1x', '', 'soon', NaN, Infinity, 0, -1, '-1s', null, true, [], {}].map(
    (value) => ['ttl', value] as const,
  ),
  ['absoluteTtl', 0],
  ['absoluteTtl', 'never'],
  ['touchEvery', -1],
  ['touchEvery', false],
  ['sweepEvery', 0],
  ['sweepEvery', true],
  ['sweepEvery', '10ms'],
  ['sweepBatch', 0],
  ['sweepBatch', 1.5],
  ['sweepBatch', '1000'],
  ['userId', 'userId'],
  ['hashSessionIds', 'yes'],
  ['device', true],
  ['device', 'ip'],
  ['encryption', 'secret'],
  ['encryption', {}],
  ['encryption', { keys: {}, current: 'k1' }],
  ['encryption', { keys: { k1: 'short' }, current: 'k1' }],
  ['encryption', { keys: { k1: 'a'.repeat(40) }, current: 'k1' }],
  ['encryption', { keys: { k1: secret }, current: 'k2' }],
  ['encryption', { keys: { 'k 1': secret }, current: 'k 1' }],
  ['encryption', { keys: { k1: secret }, current: 'k1', allowPlainText: true }],
  ['encryption', { keys: { k1: secret }, current: 'k1', allowPlaintext: 'yes' }],
  ['onConflict', 'ignore'],
  ['serializer', JSON.stringify],
  ['serializer', { stringify: JSON.stringify }],
  ['context', ''],
  ['context', 'a:b'],
  ['context', 'x'.repeat(65)],
  ['context', 7],
  ['schema', ''],
  ['schema', 'a b'],
  ['table', 'sessions"; drop table users; --'],
  ['table', "o'hara"],
  ['table', '1st'],
  ['table', 'x'.repeat(49)],
  ['table', 'näme'],
  ['table', 'a.b'],
  ['createTables', 'yes'],
  ['migrateFrom', {}],
  ['migrateFrom', 'redis'],
  ['near', 'yes'],
  ['near', { maxEntries: 0 }],
  ['near', { maxAge: '6s' }],
  ['near', { maxage: '1s' }],
  ['redisTimeout', 0],
  ['ledgerTimeout', 'long'],
  ['prefix', 7],
  ['prefix', ''],
  ['logger', { info: console.info }],
  ['clock', Date],
  ['maxAge', 1000],
  ['TTL', '1h'],
  ['__proto', {}],
]

const constructors: Readonly<Record<string, (options: object) => unknown>> = {
  MemorySessionStore: (options) => new MemorySessionStore(options),
  PrismaSessionStore: (options) => new PrismaSessionStore(prisma, options),
  RedisFirstStore: (options) => new RedisFirstStore({ redis, prisma, ...options }),
}

function thrownBy(construct: () => unknown): unknown {
  try {
    construct()
    return undefined
  } catch (error) {
    return error
  }
}

describe.each(Object.entries(constructors))('%s', (_name, construct) => {
  it.each(invalid)('refuses %s: %p at once, and names it', (option, value) => {
    const error = thrownBy(() => construct({ [option]: value }))

    expect(error).toBeInstanceOf(InvalidOptionError)
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option })
    expect((error as Error).message).toContain(`'${option}'`)
  })

  it('tells no secret where it refuses one', () => {
    const encryption = { keys: { k1: 'hush-hush' }, current: 'k1' }
    const error = thrownBy(() => construct({ encryption }))
    expect(String(error)).not.toContain('hush')
  })
})

describe('a constructor', () => {
  it.each([undefined, null, {}, 'postgres://localhost', { $queryRaw: ask }])(
    'refuses %p for a Prisma client',
    (client) => {
      const error = thrownBy(() => new PrismaSessionStore(client as never))
      expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'prisma' })
    },
  )

  it.each(['redis', 'pool', 'ledger', 'prisma'])('takes %s for no option of others', (option) => {
    const options = { [option]: redis }
    for (const construct of [
      constructors['MemorySessionStore'],
      constructors['PrismaSessionStore'],
    ]) {
      expect(thrownBy(() => construct!(options))).toMatchObject({ option })
    }
  })

  it('names the options of the store where it does not know one', () => {
    const error = thrownBy(() => new MemorySessionStore({ migrateform: 1 } as never))
    expect(String(error)).toMatch(/device.*migrateFrom/)
  })

  it('opens nothing where it refuses the keys', () => {
    const encryption = { keys: { k1: 'short' }, current: 'k1' }
    const opened: unknown[] = []
    const logger = { ...silentLogger, warn: (...said: unknown[]) => opened.push(said) }
    expect(
      thrownBy(() => new RedisFirstStore({ redis, prisma, encryption, logger })),
    ).toMatchObject({ option: 'encryption' })
    expect(opened).toEqual([])
  })

  it.each([undefined, null, {}, 'engine'])('refuses %p for an engine', (engine) => {
    const error = thrownBy(() => new EngineStore(engine as never))
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'engine' })
  })

  it.each([undefined, null, {}, 6379, '', 'localhost:6379', 'http://localhost'])(
    'refuses %p for Redis',
    (given) => {
      const error = thrownBy(() => new RedisFirstStore({ redis: given as never, prisma }))
      expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'redis' })
    },
  )

  it.each([{}, { prisma, ledger: 'memory' as const }, { prisma, pool: { query: ask } as never }])(
    'refuses Redis without exactly one ledger',
    (ledgers) => {
      const error = thrownBy(() => new RedisFirstStore({ redis, ...ledgers }))
      expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'ledger' })
    },
  )

  it('refuses an option of the engine where the engine is there already', async () => {
    const engine = openSessions({ ledger: 'memory' })
    const error = thrownBy(() => new EngineStore(engine, { ttl: '1h' } as never))
    expect(error).toMatchObject({ code: 'ERR_INVALID_OPTION', option: 'ttl' })
    await engine.close()
  })

  it('takes undefined for an option that is not given', async () => {
    const undefineds = Object.fromEntries(invalid.map(([option]) => [option, undefined]))
    const { maxAge: _maxAge, TTL: _ttl, __proto: _proto, ...known } = undefineds
    const store = new MemorySessionStore(known)
    await store.ready()
    await store.close()
  })
})
