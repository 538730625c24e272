import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { Pool } from 'pg'
import { openSessions } from '../../src/index.js'
import { freshDatabase, freshPrefix, sharedRedisUrl, type FreshDatabase } from '../services.js'
import { eventually } from './scene/eventually.js'
import { compileProgram, startProgram, type Program } from './scene/program.js'

let database: FreshDatabase
let prefix: string
let program: Program | undefined

beforeEach(async () => {
  prefix = freshPrefix()
  database = await freshDatabase()
})

afterEach(async () => {
  program?.process.kill('SIGKILL')
  await program?.ended
  await database.drop()
})

describe('a process', () => {
  let compiled: Awaited<ReturnType<typeof compileProgram>>

  beforeAll(async () => {
    compiled = await compileProgram('one-request')
  })

  afterAll(() => compiled.remove())

  it.each(['leave', 'close'])('ends by itself after one request (%s)', async (how) => {
    program = startProgram(compiled.file, [database.url, sharedRedisUrl(), prefix, how])

    await eventually(() => program!.output().includes('\n'), 10_000)
    const lastWork = performance.now()
    const [code] = await program.ended

    expect(code).toBe(0)
    expect(JSON.parse(program.output())).toEqual({ userId: 'visitor' })
    expect(performance.now() - lastWork).toBeLessThan(1_000)
  })
})

describe('a process that is killed while it writes', () => {
  let compiled: Awaited<ReturnType<typeof compileProgram>>
  let pool: Pool
  let redis: Redis

  beforeAll(async () => {
    compiled = await compileProgram('acknowledged-writes')
    redis = new Redis(sharedRedisUrl())
  })

  beforeEach(() => {
    pool = new Pool({ connectionString: database.url })
    pool.on('error', () => {})
  })

  afterEach(() => pool.end())

  afterAll(async () => {
    redis.disconnect()
    await compiled.remove()
  })

  it.each([0.2, 0.6])('leaves all that it acknowledged (after %d of 10,000)', async (part) => {
    program = startProgram(compiled.file, [database.url, sharedRedisUrl(), prefix])
    await eventually(() => program!.output().split('\n').length > part * 10_000, 15_000)
    program.process.kill('SIGKILL')
    const [, signal] = await program.ended

    expect(signal).toBe('SIGKILL')
    const acknowledged = latestCounts(program.output())
    expect(acknowledged.size).toBeGreaterThan((part * 10_000) / 2 - 1)
    const rows = await readRows()
    for (const [cookieId, count] of acknowledged) {
      expect(rows.get(cookieId)?.count).toBeGreaterThanOrEqual(count)
    }
    await expectSoundRecords(rows)
  })

  /** What Redis holds is what Postgres does, at that version; what it does not hold, it may not. */
  async function expectSoundRecords(rows: ReadonlyMap<string, Stored>): Promise<void> {
    const engine = openSessions({ redis: sharedRedisUrl(), prefix, pool })
    const stale: string[] = []
    for (const [cookieId, { count, id }] of rows) {
      const value = (await redis.get(`${prefix}web:${id}`)) ?? ''
      if (value.startsWith('L') && Number(value.slice(9, 19)) > count) stale.push(cookieId)
    }
    expect(stale).toEqual([])
    const [first] = rows.keys()
    expect((await engine.read(engine.idOf(first)!))?.content).toMatchObject({ cookieId: first })
    await engine.close()
  }

  async function readRows(): Promise<ReadonlyMap<string, Stored>> {
    const { rows } = await pool.query<{ id: string; data: string }>(
      'select "sessionId" as id, data from sessions',
    )
    return new Map(
      rows.map(({ id, data }) => {
        const content = JSON.parse(data) as { cookieId: string; count: number }
        return [content.cookieId, { id, count: content.count }]
      }),
    )
  }
})

interface Stored {
  readonly id: string
  readonly count: number
}

/** The highest count acknowledged of each session. A line that was cut off by the kill does not count. */
function latestCounts(output: string): ReadonlyMap<string, number> {
  const lines = output.split('\n').slice(0, -1)
  const counts = new Map<string, number>()
  for (const line of lines) {
    const [cookieId = '', count] = line.split(' ')
    counts.set(cookieId, Math.max(counts.get(cookieId) ?? 0, Number(count)))
  }
  return counts
}
