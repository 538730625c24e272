import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { EnvironmentError } from '../../../../src/doors/users/errors.js'
import { closePrismaClient, getPrismaClient } from '../../../../src/doors/users/prisma-singleton.js'
import { freshDatabase, type FreshDatabase } from '../../../services.js'
import { connectionsTo } from './connections.js'

let database: FreshDatabase
const given = process.env['DATABASE_URL']

beforeAll(async () => {
  database = await freshDatabase()
})

afterEach(async () => {
  for (let holders = 0; holders < 5; holders++)
    await closePrismaClient({ databaseUrl: database.url })
  if (given === undefined) delete process.env['DATABASE_URL']
  else process.env['DATABASE_URL'] = given
})

afterAll(() => database.drop())

const get = () => getPrismaClient({ databaseUrl: database.url })
const close = () => closePrismaClient({ databaseUrl: database.url })

describe('the Prisma client of a configuration', () => {
  it('is one, whoever asks', () => {
    expect(get()).toBe(get())
  })

  it('speaks to the database', async () => {
    await expect(get().$queryRawUnsafe('select 1 as one')).resolves.toEqual([{ one: 1 }])
  })

  it('is that of DATABASE_URL where no URL is given', () => {
    process.env['DATABASE_URL'] = database.url
    expect(getPrismaClient()).toBe(get())
  })

  it('stays open until its last holder closes it, and then has no connections', async () => {
    const client = get()
    get()
    await client.$queryRawUnsafe('select 1')
    await close()
    await expect(client.$queryRawUnsafe('select 1 as one')).resolves.toEqual([{ one: 1 }])

    await close()

    expect(await connectionsTo(database.url)).toBe(0)
  })

  it('may be asked for again after it was closed', async () => {
    const first = get()
    await close()
    const second = get()

    expect(second).not.toBe(first)
    await expect(second.$queryRawUnsafe('select 1 as one')).resolves.toEqual([{ one: 1 }])
  })

  it('is closed by whoever holds none without a word', async () => {
    await expect(close()).resolves.toBeUndefined()
  })

  it('has ten connections at most', async () => {
    const client = get()
    await Promise.all(
      Array.from({ length: 30 }, () => client.$queryRawUnsafe('select 1 from pg_sleep(0.05)')),
    )

    expect(await connectionsTo(database.url)).toBe(10)
  })

  it('is one that the caller makes, where it says how', async () => {
    const made: string[] = []
    const createClient = (connectionString: string) => {
      made.push(connectionString)
      return new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
    }
    const config = { databaseUrl: database.url, createClient }
    const client = getPrismaClient(config)

    expect(client).toBe(getPrismaClient(config))
    expect(client).not.toBe(get())
    expect(made).toEqual([database.url])
    await Promise.all([closePrismaClient(config), closePrismaClient(config)])
  })

  it('sends Prisma to the schema that the URL names', async () => {
    const databaseUrl = `${database.url}?schema=elsewhere`
    const client = getPrismaClient<PrismaClient>({ databaseUrl })

    await expect(client.session.count()).rejects.toThrow('elsewhere.sessions')
    await closePrismaClient({ databaseUrl })
  })

  it.each([undefined, 'mysql://user:hunter2@db/app'])('is refused for the URL %j', (url) => {
    delete process.env['DATABASE_URL']
    const ask = () => getPrismaClient({ databaseUrl: url })

    expect(ask).toThrow(EnvironmentError)
    expect(ask).toThrow('DATABASE_URL')
    expect(ask).not.toThrow('hunter2')
  })
})
