import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { openSessions, type SessionEngine } from 'holdfast'
import { ChaosLedger } from 'holdfast/testing'
import {
  answerTokenErrors,
  authOf,
  requirePermission,
  requireToken,
  SessionError,
  SessionManager,
  type DirectoryUser,
} from 'holdfast/tokens'
import request from 'supertest'
import { MemoryLedger } from '../../../../src/ledgers/memory/memory-ledger.js'

const [userId, orgId] = [randomUUID(), randomUUID()]
const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }

let ledger: ChaosLedger
let engine: SessionEngine
let manager: SessionManager
let user: DirectoryUser

beforeEach(() => {
  user = { role: 'USER' }
  ledger = new ChaosLedger(new MemoryLedger())
  engine = openSessions({ ledger, sweepEvery: false })
  const users = { findById: async () => user }
  const limit = { points: 1, duration: '30s' } as const
  const rateLimits = { invalidToken: limit }
  manager = new SessionManager({ engine, signing, users, rateLimits, roles })
})

afterEach(() => engine.close())

const roles = { USER: ['read:users'], ADMIN: ['read:users', 'delete:users'] } as const

async function aToken(): Promise<string> {
  const login = await manager.createSession(userId, orgId)
  if (!login.success) throw login.error
  return login.token
}

const answering: ErrorRequestHandler = answerTokenErrors()

function anApp(...last: readonly ErrorRequestHandler[]): Express {
  const app = express().disable('x-powered-by')
  app.get('/me', requireToken({ manager }), (req, res) => res.json(authOf(req)))
  app.get('/users', requirePermission('read:users', { manager }), (req, res) =>
    res.json(authOf(req).user.permissions),
  )
  app.delete('/users', requirePermission('delete:users', { manager }), (_req, res) =>
    res.json('deleted'),
  )
  app.get('/nobody', (req, res) => res.json(authOf(req)))
  app.get('/broken', requireToken({ manager }), () => {
    throw new Error('a mistake of the application')
  })
  app.get('/halfway', (_req, res, next) => {
    res.write('half')
    next(new SessionError('ended-session', 'The session has ended'))
  })
  for (const handler of last) app.use(handler)
  return app
}

/** What this app answers with. */
interface Body {
  readonly user: object
  readonly session: { readonly id: string }
  readonly error: { readonly type: string; readonly reason: string; readonly message: string }
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Body
}

/** What is answered to a request for `path` with this header. */
async function answerTo(authorization?: string, path = '/me', app = anApp(answering)) {
  const asked = request(app).get(path)
  const answer = await (authorization === undefined
    ? asked
    : asked.set('Authorization', authorization))
  return answer as Answer
}

describe('a good token', () => {
  it('lets its user in, whom authOf tells', async () => {
    const { status, body } = await answerTo(`Bearer ${await aToken()}`)

    expect(status).toBe(200)
    expect(body.user).toEqual({ id: userId, orgId, role: 'USER', permissions: ['read:users'] })
    expect(body.session.id).toEqual((await manager.getActiveSessions())[0]!.id)
  })

  it('is taken whatever case the scheme has', async () => {
    expect((await answerTo(`bEaReR  ${await aToken()}`)).status).toBe(200)
  })

  it('lets its user do what the role allows, and nothing else, as of now', async () => {
    const authorization = `Bearer ${await aToken()}`
    const remove = async () =>
      (await request(anApp(answering))
        .delete('/users')
        .set('Authorization', authorization)) as Answer

    expect((await answerTo(authorization, '/users')).body).toEqual(['read:users'])
    const refused = await remove()
    expect(refused.status).toBe(403)
    expect(refused.headers['www-authenticate']).toBe(
      'Bearer error="insufficient_scope", scope="delete:users"',
    )
    expect(refused.body.error).toMatchObject({ reason: 'missing-permission' })
    user = { role: 'ADMIN' }
    expect((await remove()).body).toBe('deleted')
  })
})

describe('a request without a good token', () => {
  it.each([
    ['none', undefined],
    ['an empty header', ''],
    ['another scheme', 'Basic dXNlcjpodW50ZXIy'],
    ['a longer scheme', 'Bearers abc'],
    ['a token without a scheme', 'abc.def.ghi'],
  ])('brings %s: 401, and which scheme it takes', async (_what, authorization) => {
    const { status, headers, body } = await answerTo(authorization)

    expect(status).toBe(401)
    expect(headers['www-authenticate']).toBe('Bearer')
    expect(body).toEqual({
      error: {
        type: 'AUTHENTICATION_ERROR',
        reason: 'no-token',
        message: 'The request brings no token',
      },
    })
  })

  it.each(['Bearer', 'Bearer ', 'Bearer a b', 'Bearer "abc"', 'Bearer: abc', 'Bearer a,Bearer b'])(
    'brings a malformed one: 400 for %j',
    async (authorization) => {
      const { status, body } = await answerTo(authorization)

      expect(status).toBe(400)
      expect(body.error).toEqual({
        type: 'VALIDATION_ERROR',
        reason: 'invalid-input',
        message: 'The request brings a Bearer token that is none',
      })
    },
  )

  it('brings one that is none of ours, then too many: 401, then 429 with Retry-After', async () => {
    const [first, second] = [await answerTo('Bearer a.b.c'), await answerTo('Bearer a.b.c')]

    expect(first.status).toBe(401)
    expect(first.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect(first.body.error.reason).toBe('invalid-token')
    expect(second.status).toBe(429)
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(20)
    expect(Number(second.headers['retry-after'])).toBeLessThanOrEqual(30)
    expect(second.headers).not.toHaveProperty('www-authenticate')
  })

  it('brings that of a session which has ended: 401, and the token is at fault', async () => {
    const token = await aToken()
    await manager.destroySession(token)
    const { status, headers, body } = await answerTo(`Bearer ${token}`)

    expect([status, body.error.reason]).toEqual([401, 'ended-session'])
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"')
  })

  it('that nobody looked at is nobody', async () => {
    expect((await answerTo(`Bearer ${await aToken()}`, '/nobody')).status).toBe(401)
  })
})

describe('an outage', () => {
  it('is 503, and logs nobody out', async () => {
    const authorization = `Bearer ${await aToken()}`
    ledger.chaos.fail(['read'])
    const { status, headers, body } = await answerTo(authorization)

    expect([status, body.error.type]).toEqual([503, 'DATABASE_ERROR'])
    expect(headers).not.toHaveProperty('www-authenticate')
    expect(JSON.stringify(body)).not.toContain('Refused')
    ledger.chaos.heal()
    expect((await answerTo(authorization)).status).toBe(200)
  })
})

describe('errors', () => {
  it('have their status and headers from the handler of Express too', async () => {
    const answers = [
      await answerTo(undefined, '/me', anApp()),
      await answerTo('Bearer', '/me', anApp()),
      await answerTo('Bearer a.b.c', '/me', anApp()),
      await answerTo('Bearer a.b.c', '/me', anApp()),
    ]

    expect(answers.map(({ status }) => status)).toEqual([401, 400, 401, 429])
    expect(answers[2]!.headers['www-authenticate']).toBe('Bearer error="invalid_token"')
    expect(answers[3]!.headers).toHaveProperty('retry-after')
  })

  it('of others go on to the next handler', async () => {
    const told: unknown[] = []
    const last: ErrorRequestHandler = (error, _req, res, next) => {
      told.push(error, typeof next)
      res.status(418).end()
    }
    const authorization = `Bearer ${await aToken()}`

    expect((await answerTo(authorization, '/broken', anApp(answering, last))).status).toBe(418)
    expect(told).toEqual([new Error('a mistake of the application'), 'function'])
  })

  it('that come after the answer has begun go on as they are', async () => {
    const told: unknown[] = []
    const last: ErrorRequestHandler = (error, _req, res, next) => {
      told.push(error, typeof next)
      res.end()
    }
    await answerTo(undefined, '/halfway', anApp(answering, last))

    expect(told).toEqual([expect.objectContaining({ reason: 'ended-session' }), 'function'])
  })
})

describe('a permission that is none', () => {
  it.each(['read', 'read:users"', '', 'READ:users'])('throws at once: %j', (permission) => {
    expect(() => requirePermission(permission as 'a:b')).toThrow(SessionError)
  })
})
