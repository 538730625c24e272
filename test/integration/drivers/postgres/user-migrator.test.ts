import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { createMigration, createUserMigration } from '../../../../src/drivers/postgres/migrator.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { deploy, diagnose, driftOf } from '../../../support/prisma-migrate.js'
import { waitUntilBlocked } from '../../ledgers/postgres/locks.js'
import { connectPool, openPool } from '../../ledgers/postgres/pool.js'
import type { Connection } from '../../ledgers/postgres/pool.js'

const migration = '20260102000000_users'
const ofSessions = '20260101000000_sessions'
const sql = readFileSync(`prisma/migrations/${migration}/migration.sql`, 'utf8')

let connection: Connection
let client: SqlClient

beforeEach(async () => {
  connection = await connectPool()
  client = connection.client
})

afterEach(() => connection.end())

describe("the users' migrator", () => {
  it('creates the table once where four processes begin at once', async () => {
    const statement = createUserMigration({})

    await Promise.all([1, 2, 3, 4].map(() => client.query(statement, [])))

    expect(await client.query('select migration_name from _prisma_migrations', [])).toEqual([
      { migration_name: migration },
    ])
    expect(await client.query('select * from "User"', [])).toEqual([])
  })

  it('leaves the tables of sessions to the ledger, as the ledger leaves the users', async () => {
    await client.query(createUserMigration({}), [])
    expect(await tables()).toEqual(['User', '_prisma_migrations'])

    await client.query('drop table "User", _prisma_migrations', [])
    await client.query(createMigration({}), [])
    expect(await tables()).toEqual(['_prisma_migrations', 'session_repairs', 'sessions'])
  })

  it('keeps a history of its own in another schema, which it creates', async () => {
    const statement = createUserMigration({ schema: 'Auth' })
    await client.query(createMigration({ schema: 'Auth' }), [])

    await Promise.all([1, 2, 3, 4].map(() => client.query(statement, [])))

    expect(
      await client.query(
        'select "table", migration from "Auth"._holdfast_migrations order by 1',
        [],
      ),
    ).toEqual([
      { table: 'User', migration },
      { table: 'sessions', migration: ofSessions },
    ])
    expect(await client.query('select * from "Auth"."User"', [])).toEqual([])
    expect(await tables()).toEqual([])
    expect(
      await client.query(
        `select typnamespace::regnamespace::text as schema from pg_type where typname = 'UserRole'`,
        [],
      ),
    ).toEqual([{ schema: '"Auth"' }])
  })

  it('adds what is new to a table that the application had before', async () => {
    await client.query(
      `do $$ begin create type "UserRole" as enum ('USER', 'ADMIN');
       create table "User" ("id" text not null primary key, "email" text not null, "hashedPassword" text,
         "isVerified" boolean not null default false, "role" "UserRole" not null default 'USER',
         "createdAt" timestamp(3) not null default current_timestamp, "lastLoginAt" timestamp(3), "sessionId" text);
       create unique index "User_email_key" on "User"("email");
       insert into "User" (id, email) values ('1', 'Ada@example.com'); end $$`,
      [],
    )

    await client.query(createUserMigration({}), [])

    expect(await client.query('select email, "sessionEpoch", name from "User"', [])).toEqual([
      { email: 'Ada@example.com', sessionEpoch: 0, name: null },
    ])
  })

  it('leaves nothing behind where somebody else’s table has the name', async () => {
    await client.query('create table "User" (id int)', [])

    await expect(client.query(createUserMigration({}), [])).rejects.toThrow(/does not exist/)

    expect(await tables()).toEqual(['User'])
    expect(await columns()).toEqual(['id'])
  })
})

describe('the table of users', () => {
  beforeEach(() => client.query(createUserMigration({}), []))

  it('has the columns of the Prisma model, in its order', async () => {
    const model = /^model User \{(.*?)^\}/ms.exec(readFileSync('prisma/schema.prisma', 'utf8'))![1]!
    const fields = [...model.matchAll(/^ {2}(\w+) +\w/gm)].map(([, name]) => name)

    expect(await columns()).toEqual(fields)
  })

  it.each(['ada@example.com', 'ADA@EXAMPLE.COM', 'Ada@Example.com'])(
    'has no second user under %s',
    async (email) => {
      await insert('1', 'Ada@example.com')

      await expect(insert('2', email)).rejects.toMatchObject({
        code: '23505',
        constraint: 'User_lower_email_key',
      })
    },
  )

  it('has no default that reads the clock', async () => {
    const rows = await client.query(
      `select column_name as name from information_schema.columns
        where table_name = 'User' and column_default ~* 'now|current|clock'`,
      [],
    )
    expect(rows).toEqual([])
  })

  function insert(id: string, email: string) {
    const text = `insert into "User" (id, email, "createdAt") values ($1, $2, timestamp '2026-01-01')`
    return client.query(text, [id, email])
  }
})

describe('prisma migrate, beside the migrator of users', () => {
  it('has nothing to do after it, and finds history and schema in order', async () => {
    await client.query(createMigration({}), [])
    await client.query(createUserMigration({}), [])

    expect(await deploy(openPool(connection.url))).toEqual([])
    expect(await diagnose(openPool(connection.url))).toMatchObject({
      editedMigrationNames: [],
      failedMigrationNames: [],
      history: null,
    })
    expect(await driftOf(openPool(connection.url))).toEqual([])
  })

  it('is quiet about the index without case after its own deploy, and not about a lost column', async () => {
    await deploy(openPool(connection.url))
    expect(await driftOf(openPool(connection.url))).toEqual([])

    await client.query('alter table "User" drop column "sessionEpoch"', [])
    expect((await driftOf(openPool(connection.url))).join()).toContain('ADD COLUMN')
  })

  it('leaves it nothing to do, and records the same checksum', async () => {
    await deploy(openPool(connection.url))
    const before = await client.query('select * from _prisma_migrations order by started_at', [])

    await client.query(createUserMigration({}), [])

    expect(await client.query('select * from _prisma_migrations order by started_at', [])).toEqual(
      before,
    )
    expect(before[1]).toMatchObject({
      migration_name: migration,
      checksum: createHash('sha256').update(sql).digest('hex'),
    })
  })

  it('waits for a migrator that is at work', async () => {
    const migrator = new Client({ connectionString: connection.url })
    await migrator.connect()
    try {
      await migrator.query('begin')
      await migrator.query(createUserMigration({}))
      const deploying = deploy(openPool(connection.url))
      await waitUntilBlocked(migrator)
      await migrator.query('commit')

      expect(await deploying).toEqual([ofSessions])
    } finally {
      await migrator.end()
    }
  })
})

async function tables(): Promise<unknown[]> {
  const rows = await client.query(
    `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
      order by relname collate "C"`,
    [],
  )
  return rows.map((row) => row['relname'])
}

async function columns(): Promise<unknown[]> {
  const rows = await client.query(
    `select attname from pg_attribute where attrelid = '"User"'::regclass and attnum > 0 order by attnum`,
    [],
  )
  return rows.map((row) => row['attname'])
}
