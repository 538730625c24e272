import { afterAll, afterEach, beforeAll, describe, it } from '@jest/globals'
import { storeContract } from '../../../../src/testing/store-contract.js'
import { openShore, type Shore, type StoreKind } from './stores.js'

const stores: readonly { name: string; kind: StoreKind }[] = [
  { name: 'MemorySessionStore', kind: 'memory' },
  { name: 'PrismaSessionStore', kind: 'prisma' },
  { name: 'RedisFirstStore', kind: 'redis' },
  { name: 'EngineStore over Redis alone', kind: 'redis-alone' },
]

/** A contract says what comes of a call; how soon is for test/latency to say, where nothing else runs. */
const PATIENT = { ledgerTimeout: '20s' } as const

describe.each([
  { place: 'in UTC', database: {} },
  { place: 'in New York', database: { timezone: 'America/New_York' } },
])('the contract of a store, $place', ({ database }) => {
  let shore: Shore

  beforeAll(async () => {
    shore = await openShore(database)
  })

  afterEach(() => shore.empty())
  afterAll(() => shore.end())

  describe.each(stores)('$name', ({ kind }) => {
    it.each(storeContract)('$name', ({ check }) =>
      check(async (options) => shore.open(kind, { ...PATIENT, ...options })),
    )
  })
})
