import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { UserManagerFactory } from 'holdfast/users'
import { Client } from 'pg'
import { freshDatabase, sharedRedisUrl } from '../../../../services.js'

afterEach(() => UserManagerFactory.clearCache())

const config = { environment: 'production', redisUrl: sharedRedisUrl() } as const

describe('the factory', () => {
  it('gives up a Postgres that takes connections and says nothing', async () => {
    const silent = createServer().listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    const databaseUrl = `postgresql://127.0.0.1:${port}/app`
    const startedAt = performance.now()
    const creating = UserManagerFactory.create({ ...config, databaseUrl, ledgerTimeout: '500ms' })

    await expect(creating).rejects.toMatchObject({ code: expect.stringMatching(/UNAVAILABLE/) })
    expect(performance.now() - startedAt).toBeLessThan(5_000)
    silent.close()
  })

  it('is told that addresses differ in nothing but case', async () => {
    const old = await freshDatabase()
    const client = new Client({ connectionString: old.url })
    await client.connect()
    await client.query(
      `create type "UserRole" as enum ('USER', 'ADMIN');
       create table "User" (id text primary key, role "UserRole" not null default 'USER', email varchar(200) not null, "isVerified" boolean not null default false,
        "createdAt" timestamp(3) not null, "hashedPassword" text, "lastLoginAt" timestamp(3), "sessionId" text)`,
    )
    await client.query(
      `insert into "User" (id, email, "createdAt") values ('1', 'a@b', now()), ('2', 'A@b', now())`,
    )
    const development = { ...config, environment: 'development', databaseUrl: old.url } as const
    await expect(UserManagerFactory.create(development)).rejects.toMatchObject({
      code: 'ERR_MIGRATION_REQUIRED',
      message: expect.stringContaining('case'),
    })
    await client.query(`delete from "User" where id = '2'`)
    await client.end()

    const manager = await UserManagerFactory.create(development)
    expect((await manager.findByEmail('A@B'))?.id).toBe('1')
    await UserManagerFactory.clearCache()
    await old.drop()
  })
})
