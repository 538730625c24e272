import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { SessionManager } from 'holdfast/tokens'
import { Client } from 'pg'
import { freshDatabase, type FreshDatabase } from '../../../services.js'
import { aSecret, logIn, openIn } from './environments.js'

const managers: SessionManager[] = []
let database: FreshDatabase
let client: Client

beforeAll(async () => {
  database = await freshDatabase()
  client = new Client({ connectionString: database.url })
  await client.connect()
})
afterEach(async () => {
  for (const manager of managers.splice(0)) await manager.close()
})
afterAll(async () => {
  await client.end()
  await database.drop()
})

async function openWith(SESSION_ENCRYPTION_KEY: string): Promise<SessionManager> {
  const manager = await openIn({ DATABASE_URL: database.url, SESSION_ENCRYPTION_KEY })
  managers.push(manager)
  return manager
}

/** The content of a session, as it is stored. */
async function stored(id: string): Promise<string> {
  const { rows } = await client.query<{ data: string }>(
    'select data::text as data from sessions where "sessionId" = $1',
    [id],
  )
  return rows[0]!.data
}

describe('what SESSION_ENCRYPTION_KEY seals', () => {
  it('can not be read where it is stored', async () => {
    const [userId, orgId] = [randomUUID(), randomUUID()]
    const manager = await openWith(aSecret())
    const { session } = await logIn(manager, userId, orgId)
    const data = await stored(session.id)

    expect(data).toMatch(/^"?hf1\.[\w-]{12}\.[\w-]+"?$/)
    for (const text of [userId, orgId, 'userId', 'orgId', 'tokens']) {
      expect(data).not.toContain(text)
      expect(Buffer.from(data.split('.')[2]!, 'base64url').toString('latin1')).not.toContain(text)
    }
  })

  it('is opened by each of a list, and sealed anew by the first', async () => {
    const [old, next] = [aSecret(), aSecret()]
    const { refreshToken, session } = await logIn(await openWith(old))
    const before = await stored(session.id)
    const refreshed = await (await openWith(`${next},${old}`)).refreshSession(refreshToken)
    if (!refreshed.success) throw refreshed.error
    const after = await stored(session.id)

    expect(after.split('.')[1]).not.toBe(before.split('.')[1])
    expect((await (await openWith(next)).validateSession(refreshed.token)).success).toBe(true)
  })

  it('is not opened by others, which is no end of the session', async () => {
    const old = aSecret()
    const { token } = await logIn(await openWith(old))
    const other = await openWith(aSecret())

    expect(await other.validateSession(token)).toMatchObject({
      error: { type: 'ENCRYPTION_ERROR', reason: 'not-decryptable' },
    })
    await expect(other.hasPermission(token, 'read:users')).rejects.toMatchObject({
      type: 'ENCRYPTION_ERROR',
    })
    expect((await (await openWith(old)).validateSession(token)).success).toBe(true)
  })
})
