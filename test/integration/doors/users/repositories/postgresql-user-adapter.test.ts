import { inspect } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Pool } from 'pg'
import { InvalidOptionError, MigrationRequiredError } from '../../../../../src/core/errors.js'
import { hashedIds } from '../../../../../src/core/session-id.js'
import { UsersUnavailableError } from '../../../../../src/doors/users/errors.js'
import {
  PostgreSQLUserAdapter,
  type PostgreSQLUserAdapterOptions,
} from '../../../../../src/doors/users/repositories/postgresql-user-adapter.js'
import { PostgresLedger } from '../../../../../src/ledgers/postgres/postgres-ledger.js'
import { fromPool } from '../../../../../src/drivers/postgres/from-pool.js'
import { aChange } from '../../../../../src/testing/fixtures.js'
import { freshDatabase, startPostgres, type FreshDatabase } from '../../../../services.js'
import { openPool } from '../../../ledgers/postgres/pool.js'

const email = 'ada.lovelace@example.com'
const publicIdOf = hashedIds('web')

describe('a PostgreSQLUserAdapter', () => {
  let database: FreshDatabase
  let pool: Pool

  beforeEach(async () => {
    database = await freshDatabase({ timezone: 'America/New_York' })
    pool = openPool(database.url)
  })

  afterEach(async () => {
    await pool.end()
    await database.drop()
  })

  function open(options: PostgreSQLUserAdapterOptions = { createTables: true }) {
    return new PostgreSQLUserAdapter(pool, options)
  }

  it('is not ready without its table, and says what to do', async () => {
    await expect(open({}).ready()).rejects.toThrow(MigrationRequiredError)
    await expect(open({}).ready()).rejects.toThrow(/"User".*prisma migrate deploy.*createTables/)
    await expect(open({ schema: 'auth' }).findById('1')).rejects.toThrow(
      /"auth"."User" is missing or out of date: pass createTables: true/,
    )
  })

  it('is not ready where nothing keeps addresses unique without case, and creates nobody', async () => {
    await open().ready()
    await pool.query('drop index "User_lower_email_key"')

    await expect(open({}).ready()).rejects.toThrow(MigrationRequiredError)
    await expect(open({}).create({ email })).rejects.toThrow(MigrationRequiredError)
  })

  it('makes its table once, where four begin at once, and may try again', async () => {
    await pool.query('create table "User" ()')
    const first = open()
    await expect(first.ready()).rejects.toThrow(MigrationRequiredError)
    await pool.query('drop table "User"')

    await Promise.all([first, open(), open(), open()].map((each) => each.ready()))

    const { rows } = await pool.query('select migration_name from _prisma_migrations')
    expect(rows).toEqual([{ migration_name: '20260102000000_users' }])
  })

  it('does not make the table of sessions, and names it where it is missing', async () => {
    const asking = open().findBySessionId('cookie')

    await expect(asking).rejects.toThrow(MigrationRequiredError)
    await expect(asking).rejects.toThrow(/"sessions"/)
  })

  it('lets nobody in by what somebody wrote into the column, be it raw or hashed', async () => {
    const cookieId = 'a-cookie-from-before'
    const ledger = new PostgresLedger({ client: fromPool(pool), createTables: true })
    const users = open()
    const { id } = await users.create({ email })
    const raw = aChange({ id: cookieId as never, userId: id })
    await ledger.commit([raw, aChange({ id: publicIdOf(cookieId)!, userId: id })])
    const set = (value: unknown) =>
      pool.query('update "User" set "sessionId" = $1 where id = $2', [value, id])

    await set(cookieId)
    expect(await users.findBySessionId(cookieId)).toBeNull()
    await set(publicIdOf(cookieId))
    expect(await users.findBySessionId(publicIdOf(cookieId)!)).toBeNull()
    expect((await users.findBySessionId(cookieId))?.id).toBe(id)
  })

  it('lets nobody in by a row of another context, whatever its id', async () => {
    const ledger = new PostgresLedger({ client: fromPool(pool), createTables: true })
    const users = open()
    const { id } = await users.create({ email })
    await ledger.commit([aChange({ id: publicIdOf('a-cookie')!, userId: id })])
    await users.update(id, { sessionId: 'a-cookie' })
    expect((await users.findBySessionId('a-cookie'))?.id).toBe(id)

    await pool.query(`update sessions set context = 'admin'`)
    expect(await users.findBySessionId('a-cookie')).toBeNull()
  })

  it('lets nobody in by a session that has expired by the database’s clock, also in another time zone', async () => {
    const cookieId = 'a-cookie'
    const ledger = new PostgresLedger({ client: fromPool(pool), createTables: true })
    const users = open()
    const { id } = await users.create({ email })
    await ledger.commit([aChange({ id: publicIdOf(cookieId)!, userId: id })])
    await users.update(id, { sessionId: cookieId })
    const expireIn = (seconds: number) =>
      pool.query(
        `update sessions set "expiresAt" = timezone('utc', now()) + $1 * interval '1 second'`,
        [seconds],
      )

    await expireIn(60)
    expect((await users.findBySessionId(cookieId))?.id).toBe(id)
    await expireIn(-0.001)
    expect(await users.findBySessionId(cookieId)).toBeNull()
  })

  it('asks Postgres nothing for what can name nobody', async () => {
    const users = open()
    await users.ready()
    const query = jest.spyOn(pool, 'query')
    for (const nobody of [undefined, '', [], {}, 'a'.repeat(10_000_000)] as string[]) {
      await users.findByEmail(nobody)
      await users.findById(nobody)
      await users.findBySessionId(nobody)
      await users.update(nobody, { name: 'x' })
      await users.delete(nobody)
      await users.advanceSessionEpoch(nobody)
    }

    expect(query).not.toHaveBeenCalled()
    await users.findById('1')
    expect(query).toHaveBeenCalledTimes(1)
  })

  it('stores times as UTC', async () => {
    const { id } = await open().create({ email })
    await open().update(id, { lastLoginAt: new Date('2026-03-08T07:30:00.001Z') })

    const { rows } = await pool.query(
      `select "lastLoginAt"::text as at, abs(extract(epoch from timezone('utc', now()) - "createdAt")) < 60 as is_now
         from "User"`,
    )
    expect(rows).toEqual([{ at: '2026-03-08 07:30:00.001', is_now: true }])
  })

  it('reads a user whom Prisma’s own model made, and the other way round', async () => {
    await open().ready()
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: database.url }) })
    try {
      const createdAt = new Date('2026-05-05T05:05:05.005Z')
      await prisma.user.create({ data: { id: 'by-prisma', email, createdAt, role: 'ADMIN' } })
      expect(await open().findByEmail(email)).toEqual({
        id: 'by-prisma',
        ...{ email, createdAt, role: 'ADMIN', isVerified: false, sessionEpoch: 0 },
      })

      const made = await open().create({ email: 'bob@example.com', name: 'Bob' })
      expect(await prisma.user.findUnique({ where: { id: made.id } })).toMatchObject(made)
    } finally {
      await prisma.$disconnect()
    }
  })

  it.each([
    { option: 'schema', options: { schema: 'a"b' } },
    { option: 'table', options: { table: 'a b' } },
    { option: 'context', options: { context: 'a:b' } },
    { option: 'timeout', options: { timeout: 0 } },
    { option: 'sessions', options: { sessions: 'sessions' } as never },
  ])('refuses a bad $option before anything is asked', ({ option, options }) => {
    expect(() => open(options)).toThrow(expect.objectContaining({ option }))
  })

  it.each([undefined, null, 'postgres://localhost', {}])('takes no %p for a client', (client) => {
    expect(() => new PostgreSQLUserAdapter(client as never)).toThrow(InvalidOptionError)
  })

  it('waits no longer than its timeout', async () => {
    await open().ready()
    const holder = await pool.connect()
    try {
      await holder.query('begin')
      await holder.query('lock table "User"')
      const asking = open({ timeout: 40 }).findByEmail(email)

      await expect(asking).rejects.toMatchObject({
        code: 'ERR_USERS_UNAVAILABLE',
        operation: 'find',
        cause: { code: 'ERR_DEADLINE' },
      })
    } finally {
      await holder.query('rollback')
      holder.release()
    }
  })
})

describe.each(['prisma', 'pool'] as const)('without Postgres, through %s', (through) => {
  it('says that nobody can tell, without saying of whom, and goes on once it is back', async () => {
    const server = await startPostgres()
    const pool = openPool(server.url)
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: server.url }) })
    const client = through === 'prisma' ? prisma : pool
    try {
      const users = new PostgreSQLUserAdapter(client, { createTables: true })
      const { id } = await users.create({ email })
      await server.kill()
      for (const asking of [
        () => users.findByEmail(email),
        () => users.create({ email: `x${email}`, hashedPassword: 'secret-hash' }),
        () => users.update(id, { email: `y${email}` }),
        () => users.count(),
      ]) {
        const error = await asking().then(String, (reason: unknown) => reason)
        expect(error).toBeInstanceOf(UsersUnavailableError)
        expect(inspect(error, { depth: Infinity })).not.toMatch(/lovelace|secret-hash/)
      }
      await server.restart()

      expect((await users.findByEmail(email))?.id).toBe(id)
    } finally {
      await prisma.$disconnect()
      await pool.end()
      await server.stop()
    }
  })

  it('takes off an error what was to be stored', async () => {
    const { url, drop } = await freshDatabase()
    const pool = openPool(url)
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
    const client = through === 'prisma' ? prisma : pool
    try {
      const users = new PostgreSQLUserAdapter(client, { createTables: true })
      await users.ready()
      await pool.query(`alter table "User" add constraint none check (false)`)
      const error = await users.create({ email }).then(String, (reason: unknown) => reason)

      expect(error).toBeInstanceOf(UsersUnavailableError)
      expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('lovelace')
    } finally {
      await prisma.$disconnect()
      await pool.end()
      await drop()
    }
  })
})
