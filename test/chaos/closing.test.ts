import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Pool } from 'pg'
import type { PoolLike } from '../../src/index.js'
import { freshDatabase, startRedis, type FreshDatabase, type RedisServer } from '../services.js'
import { eventually } from './scene/eventually.js'
import { openHouse } from './scene/house.js'
import { Visitor } from './scene/visitor.js'

let server: RedisServer
let database: FreshDatabase
let pool: Pool

beforeAll(async () => {
  ;[server, database] = await Promise.all([startRedis(), freshDatabase()])
  pool = new Pool({ connectionString: database.url })
})

afterAll(async () => {
  await pool.end()
  await Promise.all([server.stop(), database.drop()])
})

describe('a store that is closed', () => {
  it('schedules no probe of Redis any more, even while one was under way', async () => {
    const house = await openHouse({ redisUrl: server.url, pool, createTables: true })
    const visitor = await Visitor.loggedIn(house, 'visitor')
    const states: string[] = []
    const closed = new Promise<void>((resolve) => {
      house.store.engine.on('cache-state', ({ state }) => {
        states.push(state)
        if (state === 'half-open') void house.store.close().then(resolve)
      })
    })

    await server.kill()
    await Promise.all(Array.from({ length: 8 }, () => visitor.look()))
    await closed
    await server.restart()
    await expect(eventually(() => states.length > 3, 500)).rejects.toThrow()
    expect(states).toEqual(['open', 'half-open', 'open'])
    await house.close()
  })

  it('asks Postgres for no repairs any more', async () => {
    let asked = 0
    const counting: PoolLike = {
      query: (text, params) => {
        if (text.includes('session_repairs')) asked++
        return pool.query(text, params)
      },
    }
    const house = await openHouse({ redisUrl: server.url, pool: counting, createTables: true })
    await Visitor.loggedIn(house, 'visitor')
    const before = asked
    await eventually(() => asked > before)

    await house.close()
    const atTheEnd = asked
    await expect(eventually(() => asked > atTheEnd, 1_200)).rejects.toThrow()
  })
})
