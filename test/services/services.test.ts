import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Client } from 'pg'
import {
  freshDatabase,
  freshPrefix,
  sharedPostgresUrl,
  sharedRedisUrl,
  startPostgres,
  startRedis,
} from '../services.js'

async function query<Row extends object>(url: string, text: string): Promise<Row[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

function openRedis(url: string): Redis {
  return new Redis(url, { retryStrategy: null }).on('error', () => {})
}

async function settled(isDone: () => boolean): Promise<void> {
  for (let tries = 0; !isDone() && tries < 100; tries++) await delay(50)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('the shared servers', () => {
  it('give each test a database of its own, in the time zone that it asks for', async () => {
    const database = await freshDatabase({ timezone: 'America/New_York' })
    const rows = await query(database.url, 'show timezone')
    await database.drop()

    expect(rows).toEqual([{ TimeZone: 'America/New_York' }])
  })

  it('remove a database that is still connected to', async () => {
    const database = await freshDatabase()
    const client = new Client({ connectionString: database.url }).on('error', () => {})
    await client.connect()
    await database.drop()

    await expect(query(database.url, 'select 1')).rejects.toThrow('does not exist')
    expect(await query(sharedPostgresUrl(), 'select 1 as one')).toEqual([{ one: 1 }])
  })

  it('give each test a Redis prefix of its own', async () => {
    const redis = openRedis(sharedRedisUrl())
    const first = freshPrefix()
    await redis.set(`${first}key`, 'value')
    const other = await redis.get(`${freshPrefix()}key`)
    redis.disconnect()

    expect(other).toBeNull()
  })
})

describe('a private Postgres', () => {
  const starting = startPostgres({ timezone: 'Asia/Tokyo', settings: { work_mem: '1MB' } })
  afterAll(async () => (await starting).stop())

  it('takes a time zone and settings', async () => {
    const { url } = await starting

    expect(await query(url, 'show timezone')).toEqual([{ TimeZone: 'Asia/Tokyo' }])
    expect(await query(url, 'show work_mem')).toEqual([{ work_mem: '1MB' }])
  })

  it('keeps what was committed over a kill and a restart', async () => {
    const postgres = await starting
    const url = await postgres.createDatabase()
    await query(url, 'create table kept as select 7 as seven')

    await postgres.kill()
    await expect(query(url, 'select 1')).rejects.toThrow('ECONNREFUSED')
    await postgres.restart()

    expect(await query(url, 'select * from kept')).toEqual([{ seven: 7 }])
  })

  it('answers nothing while it is frozen, and what was asked when it is thawed', async () => {
    const postgres = await starting
    const client = new Client({ connectionString: postgres.url })
    await client.connect()

    await postgres.freeze()
    const answer = client.query<{ one: number }>('select 1 as one').then(({ rows }) => rows)
    const first = await Promise.race([answer, delay(50, 'nothing')])
    await postgres.thaw()

    expect([first, await answer]).toEqual(['nothing', [{ one: 1 }]])
    await client.end()
  })
})

describe('a private Redis', () => {
  const starting = startRedis({ args: ['--maxmemory', '8mb'] })
  afterAll(async () => (await starting).stop())

  it('takes arguments', async () => {
    const redis = openRedis((await starting).url)
    const settings = await redis.config('GET', 'maxmemory')
    redis.disconnect()

    expect(JSON.stringify(settings)).toContain(String(8 * 1024 * 1024))
  })

  it('comes back empty, and with another run id, from a kill and a restart', async () => {
    const server = await starting
    const before = openRedis(server.url)
    await before.set('key', 'value')
    const info = await before.info('server')
    before.disconnect()

    await server.kill()
    await server.restart()
    const after = openRedis(server.url)

    expect(await after.get('key')).toBeNull()
    expect(/run_id:\w+/.exec(await after.info('server'))).not.toEqual(/run_id:\w+/.exec(info))
    after.disconnect()
  })

  it('answers nothing while it is frozen, and what was asked when it is thawed', async () => {
    const server = await starting
    const redis = openRedis(server.url)
    await redis.ping()

    await server.freeze()
    const answer = redis.ping()
    const first = await Promise.race([answer, delay(50, 'nothing')])
    await server.thaw()

    expect([first, await answer]).toEqual(['nothing', 'PONG'])
    redis.disconnect()
  })

  it('is gone, and its folder too, after the process that started it was killed', async () => {
    const program = `require('./test/services.ts').startRedis().then(({ pid }) => {
      console.log(JSON.stringify({ pid, folder: require('node:fs').readlinkSync('/proc/' + pid + '/cwd') }))
      setInterval(() => {}, 1000)
    })`
    const args = ['-r', 'esbuild-register', '-e', program]
    const parent = spawn(process.execPath, args, { cwd: join(__dirname, '../..') })
    const [line] = (await once(parent.stdout, 'data')) as [Buffer]
    const { pid, folder } = JSON.parse(line.toString()) as { pid: number; folder: string }
    expect(isAlive(pid)).toBe(true)

    parent.kill('SIGKILL')
    await settled(() => !isAlive(pid) && !existsSync(folder))

    expect([isAlive(pid), existsSync(folder)]).toEqual([false, false])
  })
})
