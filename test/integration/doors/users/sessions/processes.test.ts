import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { EngineStore } from 'holdfast/express'
import {
  freshDatabase,
  freshPrefix,
  sharedRedisUrl,
  type FreshDatabase,
} from '../../../../services.js'
import { Program } from '../../express/programs/run-program.js'
import type { Answer, Question } from './programs/site.js'
import { aUser, metadata, openSite, type Site } from '../user-site.js'

let database: FreshDatabase
let site: Site
let program: Program<Answer>

beforeAll(async () => {
  database = await freshDatabase()
  const [redis, prefix] = [sharedRedisUrl(), freshPrefix()]
  site = await openSite({ databaseUrl: database.url, redis, prefix })
  const place = { databaseUrl: database.url, redisUrl: redis, prefix }
  program = Program.start<Answer>('../../users/sessions/programs/site', place)
  expect(await program.next()).toBe('ready')
})

afterAll(async () => {
  await Promise.all([site.close(), program.kill()])
  await database.drop()
})

/** Whose session the other process says that it is. */
async function there(ask: Question['ask'], sessionId: string): Promise<string | null> {
  const next = program.next()
  program.send(JSON.stringify({ ask, sessionId } satisfies Question))
  const answer = await next
  return answer === 'ready' ? null : answer.userId
}

describe('a session of a manager, in another process', () => {
  it('is the same at its manager and at its express-session store', async () => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)

    expect([await there('user', id), await there('store', id)]).toEqual([user.id, user.id])
  })

  it.each(['end', 'destroy'] as const)('ends at both doors of this one too: %s', async (ask) => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    expect((await site.manager.findBySessionId(id))?.id).toBe(user.id)
    await there(ask, id)

    expect(await site.manager.findBySessionId(id)).toBeUndefined()
    expect(await new EngineStore(site.engine).get(id)).toBeNull()
  })

  it.each(['user', 'store'] as const)('is nobody’s once it was ended here: %s', async (ask) => {
    const user = await aUser(site)
    const id = await site.manager.createSession(user.id, metadata)
    expect(await there(ask, id)).toBe(user.id)
    await new EngineStore(site.engine).destroy(id)

    expect(await there(ask, id)).toBeNull()
  })
})
