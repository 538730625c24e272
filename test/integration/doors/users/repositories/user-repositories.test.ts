import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { afterAll, beforeAll, beforeEach, describe, it } from '@jest/globals'
import { InMemoryUsers } from '../../../../../src/doors/users/repositories/in-memory-users.js'
import { PostgreSQLUserAdapter } from '../../../../../src/doors/users/repositories/postgresql-user-adapter.js'
import type { UserRepository } from '../../../../../src/doors/users/user-repository.js'
import { openSessions, type SessionEngine } from '../../../../../src/index.js'
import { freshDatabase } from '../../../../services.js'
import { openPool } from '../../../ledgers/postgres/pool.js'
import { userRepositoryChecks } from './user-repository-checks.js'
import type { UserScene } from './user-repository-checks/user-check.js'

/** Where users and sessions are kept. */
interface Place {
  readonly engines: Readonly<Record<string, SessionEngine>>
  openUsers(): UserRepository
  empty(): Promise<void>
  end(): Promise<void>
}

const quiet = { sweepEvery: false } as const

async function postgres(
  through: 'prisma' | 'pool',
  timezone = 'UTC',
  schema?: string,
): Promise<Place> {
  const { url, drop } = await freshDatabase({ timezone })
  const pool = openPool(url)
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  const at = { ...(schema === undefined ? {} : { schema }), createTables: true }
  const engineOf = (context: string) => openSessions({ pool, context, ...at, ...quiet })
  const engines = { web: engineOf('web'), admin: engineOf('admin') }
  await Promise.all(Object.values(engines).map((engine) => engine.ready()))
  const client = through === 'prisma' ? prisma : pool
  return {
    engines,
    openUsers: () => new PostgreSQLUserAdapter(client, at),
    empty: async () => {
      await new PostgreSQLUserAdapter(pool, at).ready()
      await pool.query(`delete from ${schema === undefined ? '' : `"${schema}".`}"User"`)
    },
    end: async () => {
      await Promise.all(Object.values(engines).map((engine) => engine.close()))
      await prisma.$disconnect()
      await pool.end()
      await drop()
    },
  }
}

async function memory(): Promise<Place> {
  const engineOf = (context: string) => openSessions({ ledger: 'memory', context, ...quiet })
  const engines = { web: engineOf('web'), admin: engineOf('admin') }
  const ownerOf = async (sessionId: string): Promise<string | undefined> => {
    const id = engines.web.idOf(sessionId)
    const owner = (id && (await engines.web.read(id)))?.content['userId']
    return typeof owner === 'string' ? owner : undefined
  }
  return {
    engines,
    openUsers: () => new InMemoryUsers({ ownerOf }),
    empty: async () => {},
    end: async () => {
      await Promise.all(Object.values(engines).map((engine) => engine.close()))
    },
  }
}

describe.each([
  { where: 'Postgres through Prisma', open: () => postgres('prisma') },
  {
    where: 'Postgres through Prisma in New York',
    open: () => postgres('prisma', 'America/New_York'),
  },
  { where: 'Postgres through a pool in a schema', open: () => postgres('pool', 'UTC', 'Auth') },
  {
    where: 'Postgres through a pool in New York',
    open: () => postgres('pool', 'America/New_York'),
  },
  { where: 'memory', open: memory },
])('users in $where', ({ open }) => {
  let place: Place
  let scene: UserScene

  beforeAll(async () => {
    place = await open()
  })

  beforeEach(async () => {
    await place.empty()
    scene = sceneOf(place)
  })

  afterAll(() => place.end())

  it.each(userRepositoryChecks)('$name', ({ check }) => check(scene))
})

function sceneOf({ engines, openUsers }: Place): UserScene {
  return {
    users: openUsers(),
    async begin(cookieId, userId, { context = 'web', ttl = 86_400_000 } = {}) {
      const engine = engines[context]!
      const id = engine.idOf(cookieId)!
      await engine.write(id, { content: { userId }, ttl, cursor: { base: 'new' } })
    },
    async end(cookieId) {
      const engine = engines['web']!
      await engine.remove(engine.idOf(cookieId)!)
    },
  }
}
