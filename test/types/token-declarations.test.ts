import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installPackage } from './install-package.js'
import { bundler, node, problemsIn } from './problems-in.js'

/** The documented samples, with the `await` that they lack. */
const documented = `
import {
  Logger,
  SessionErrorType,
  sessionManager,
  type SessionError,
} from 'holdfast/tokens'

declare const [userId, orgId, deviceId, ipAddress]: readonly [string, string, string, string]

class CustomLogger implements Logger {
  error(error: SessionError): void {
    console.error(\`[\${error.type}] \${error.message}\`, error)
  }

  warn(message: string, context?: any): void {
    console.warn(\`[WARN] \${message}\`, context)
  }

  info(message: string, context?: any): void {
    console.info(\`[INFO] \${message}\`, context)
  }

  debug(message: string, context?: any): void {
    console.debug(\`[DEBUG] \${message}\`, context)
  }
}

export async function use(): Promise<void> {
  const result = await sessionManager.createSession(userId, orgId, deviceId, ipAddress)
  if (result.success) {
    const { token, refreshToken, user } = result
    const validation = await sessionManager.validateSession(token)
    if (validation.success) {
      const { user } = validation
      console.log(user.id)
    } else {
      console.error(validation.error)
    }
    const refresh = await sessionManager.refreshSession(refreshToken)
    if (refresh.success) {
      const { token: newToken, refreshToken: newRefreshToken } = refresh
      console.log(newToken, newRefreshToken, user)
    }
    const hasPermission = await sessionManager.hasPermission(token, 'read:users')
    if (hasPermission) console.log('read')
    if (await sessionManager.hasPermission(token, 'read:users')) console.log('read')
  }
  await sessionManager.cleanupExpiredSessions()
  const stats = await sessionManager.getSessionStats()
  console.log(\`Active sessions: \${stats.activeSessions}\`)
  sessionManager.setLogger(new CustomLogger())
  sessionManager.setLogger({ ...console, debug: console.log })
}

export const type: SessionErrorType = SessionErrorType.TOKEN_ERROR
export const isToken = (error: SessionError): boolean => error.type === SessionErrorType.TOKEN_ERROR
export const literal: 'TOKEN_ERROR' = SessionErrorType.TOKEN_ERROR
`

const around = `
import { openSessions } from 'holdfast'
import {
  SessionManager,
  answerTokenErrors,
  authOf,
  requirePermission,
  requireToken,
  type Permission,
  type Result,
} from 'holdfast/tokens'
import { MockUserManager, UserManagerFactory, type UserRepository } from 'holdfast/users'
import express from 'express'
import { z } from 'zod'

export async function open(users: UserRepository): Promise<SessionManager> {
  const engine = openSessions({ ledger: 'memory' })
  new SessionManager({ engine, users: await UserManagerFactory.create() })
  new SessionManager({ users: new MockUserManager(), rateLimits: false, accessTtl: '15m' })
  const roles = { ADMIN: ['read:users', 'delete:users'] } as const
  return new SessionManager({ engine, users, roles, idSchema: z.string().min(1) })
}

export function open2(manager: SessionManager) {
  const app = express()
  app.get('/me', requireToken({ manager }), (req, res) => {
    res.json(authOf(req).user.id)
  })
  app.get('/users', requirePermission('read:users'), (_req, res) => {
    res.json([])
  })
  app.use(answerTokenErrors())
}

export const messageOf = (result: Result<{ readonly user: object }>): string | object =>
  result.success ? result.user : result.error.message
export const permission: Permission = 'read:users'
`

const wrong = `
import { requirePermission, sessionManager } from 'holdfast/tokens'

export async function use(token: string): Promise<void> {
  if (sessionManager.hasPermission(token, 'read:users')) console.log('let in')
  await sessionManager.hasPermission(token, 'read')
  requirePermission('users')
  const result = await sessionManager.validateSession(token)
  console.log(result.user)
  console.log(result.error)
  sessionManager.setLogger({ error: console.error })
}
`

describe('the declarations for tokens', () => {
  let project = ''

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'holdfast-tokens-'))
    const packages = ['@types/node', '@types/express', 'express', 'zod', 'jose']
    await installPackage(project, packages)
    const files = { documented, around, wrong }
    for (const [name, text] of Object.entries(files)) {
      for (const kind of ['mts', 'cts']) await writeFile(join(project, `${name}.${kind}`), text)
    }
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  it.each([
    [
      'Node, as ES modules and as CommonJS',
      ['documented.mts', 'documented.cts', 'around.mts', 'around.cts'],
      node,
    ],
    ['a bundler', ['documented.mts', 'around.mts'], bundler],
  ])(
    'compile as the documented samples use them, and beside users, engine and Express: %s',
    (_, names, options) => {
      expect(problemsIn(project, names, { ...options, esModuleInterop: true })).toEqual([])
    },
  )

  it('refuse a permission that nobody waited for, what is none, and a result that nobody looked at', () => {
    const said = (name: string): unknown[] => [
      expect.stringMatching(
        new RegExp(
          `^${name}:5 This condition will always return true since this 'Promise<boolean>'`,
        ),
      ),
      expect.stringMatching(new RegExp(`^${name}:6 .*'"read"' is not assignable`)),
      expect.stringMatching(new RegExp(`^${name}:7 .*'"users"' is not assignable`)),
      expect.stringMatching(new RegExp(`^${name}:9 Property 'user' does not exist`)),
      expect.stringMatching(new RegExp(`^${name}:10 Property 'error' does not exist`)),
      expect.stringMatching(new RegExp(`^${name}:11 .*is missing the following properties`)),
    ]

    expect(problemsIn(project, ['wrong.mts', 'wrong.cts'], node)).toEqual([
      ...said('wrong.mts'),
      ...said('wrong.cts'),
    ])
  })
})
