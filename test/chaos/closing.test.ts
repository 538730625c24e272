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
  it('schedules no probe of Redis any more, even while one is under way', async () => {
    const options = { redisUrl: server.url, pool, createTables: true, redisTimeout: 200 }
    const house = await openHouse(options)
    const visitor = await Visitor.loggedIn(house, 'visitor')
    const states: string[] = []
    house.store.engine.on('cache-state', ({ state }) => {
      states.push(state)
      if (state === 'half-open') void house.store.close()
    })

    await server.freeze()
    try {
      await Promise.all(Array.from({ length: 8 }, () => visitor.look()))
      await eventually(() => states.length === 3)
      await expect(eventually(() => states.length > 3, 600)).rejects.toThrow()
      expect(states).toEqual(['open', 'half-open', 'open'])
    } finally {
      await server.thaw()
    }
    await house.close()
  })

  it('asks for no repairs any more, even while it is asking', async () => {
    let asked = 0
    let isLast = false
    let closed: Promise<void> | undefined
    const watching: PoolLike = {
      query(query) {
        const { text } = query
        if (text.includes('session_repairs"') && text.includes('limit')) {
          asked++
          if (isLast) closed ??= house.store.close()
        }
        return pool.query(query)
      },
    }
    const house = await openHouse({ redisUrl: server.url, pool: watching, createTables: true })
    await house.store.ready()
    isLast = true

    await eventually(() => closed !== undefined)
    await closed
    const before = asked
    await expect(eventually(() => asked > before, 1_200)).rejects.toThrow()
    await house.close()
  })
})
