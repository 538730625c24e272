import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installPackage } from './install-package.js'
import { bundler, node, problemsIn } from './problems-in.js'

const right = `
import { MemoryLedger, SessionError, openSessions, type SessionEngine } from 'holdfast'
import { EngineStore, RedisFirstStore, type Callback } from 'holdfast/express'
import { ManualClock, ledgerContract, storeContract } from 'holdfast/testing'

const clock = new ManualClock()
export const engine: SessionEngine = openSessions({ ledger: new MemoryLedger({ clock }), clock })
export const store = new EngineStore(engine)
export const another = new RedisFirstStore({ redis: 'redis://r', ledger: 'memory', migrateFrom: store })
export const shared: SessionEngine = another.engine
export const stats = store.stats()
export const names = [...ledgerContract, ...storeContract].map(({ name }) => name)
export const print: Callback<number> = (error, length) =>
  console.log(error instanceof SessionError, length?.toFixed())
store.on('disconnect', () => store.length(print))
`

/** All that documents 000 and 001 name, from one import, as they use it. */
const documented = `
import {
  AUTH_CONSTANTS,
  MemorySessionAdapter,
  MockUserManager,
  PostgreSQLUserAdapter,
  ProductionUserManager,
  RedisSessionAdapter,
  SESSION_CONSTANTS,
  UserManagerFactory,
  closePrismaClient,
  getEnvironment,
  getPrismaClient,
  type CreateUserData,
  type DatabaseAdapter,
  type ManagerEnvironment,
  type SessionAdapter,
  type SessionData,
  type SessionManagerInterface,
  type SessionMetadata,
  type User,
  type UserManagerInterface,
  type UserRepository,
} from 'holdfast/users'

export const environment: ManagerEnvironment = getEnvironment()
export const seven: 604800 = AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS
export const header: 'Set-Cookie' = AUTH_CONSTANTS.SET_COOKIE_HEADER
export const connections: 10 = SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS
export const patience: 30000 = SESSION_CONSTANTS.DATABASE.CONNECTION_TIMEOUT
export const retries: 3 = SESSION_CONSTANTS.REDIS.MAX_RETRIES
export const production: 'production' = SESSION_CONSTANTS.ENVIRONMENTS.PRODUCTION

const metadata: SessionMetadata = { ip: '127.0.0.1', userAgent: 'Mozilla/5.0...' }
const userData: CreateUserData = { email: 'user@example.com', name: 'John Doe' }

export async function use(): Promise<User | null> {
  const userManager: UserManagerInterface = await UserManagerFactory.create()
  const sessions: SessionManagerInterface = await UserManagerFactory.createForContext()
  const cached: UserManagerInterface | null = UserManagerFactory.getCachedInstance()
  const user = await userManager.create(userData)
  const sessionId: string = await userManager.createSession(user.id, metadata, 3600)
  await userManager.extendSession(sessionId, AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS)
  const found: User | undefined = await userManager.findBySessionId(sessionId)
  if (userManager instanceof ProductionUserManager) await sessions.deleteSession(sessionId)
  const counts: [User[], number] = [await userManager.getAll(), await userManager.count()]
  await UserManagerFactory.clearCache()
  console.log(cached, found, counts)
  return userManager.update(user.id, { sessionId: undefined, lastLoginAt: new Date() })
}

export async function adapt(): Promise<SessionData | null> {
  const users: UserRepository = new PostgreSQLUserAdapter(getPrismaClient())
  const database: DatabaseAdapter = { users }
  const memory: SessionAdapter = new MemorySessionAdapter()
  const redis: SessionAdapter = new RedisSessionAdapter({ redis: 'redis://localhost:6379' })
  const data: SessionData = { user_id: '1', created_at: 0, expires_at: 1, ip: '127.0.0.1' }
  await Promise.all([memory.set('id', data, 60), redis.extend('id', 60), closePrismaClient()])
  console.log(await database.users.findByEmail('user@example.com'), new MockUserManager())
  return memory.get('id')
}
`

const wrong = `
import { openSessions } from 'holdfast'
import { MemorySessionStore } from 'holdfast/express'

openSessions({ ledger: 1 })
const text: string = new MemorySessionStore().length()
`

describe('the declarations', () => {
  let project = ''

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'holdfast-declarations-'))
    await installPackage(project, ['@types/express-session', '@types/express', '@types/node'])
    const files = {
      'right.mts': right,
      'right.cts': right,
      'users.mts': documented,
      'users.cts': documented,
      'wrong.mts': wrong,
      'wrong.cts': wrong,
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  it.each([
    [
      'Node, as ES modules and as CommonJS',
      ['right.mts', 'right.cts', 'users.mts', 'users.cts'],
      node,
    ],
    ['a bundler', ['right.mts', 'users.mts'], bundler],
  ])('compile for %s', (_what, names, options) => {
    expect(problemsIn(project, names, options)).toEqual([])
  })

  it('refuse what does not fit, in both', () => {
    const said = problemsIn(project, ['wrong.mts', 'wrong.cts'], node)
    const places = ['wrong.mts:5 ', 'wrong.mts:6 ', 'wrong.cts:5 ', 'wrong.cts:6 ']

    expect(said).toEqual(places.map((place) => expect.stringContaining(place)))
  })
})
