import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { join } from 'node:path'
import process from 'node:process'
import { inspect } from 'node:util'

/*
 * Walks through what docs/doors/tokens.md shows, against the package as it is built, in memory and with secrets of
 * its own: `node scripts/test-session-manager.js`. Prints what it looked at, and exits with 0 if all of it is so.
 */

const build = join(import.meta.dirname, 'build.mjs')
const { status: buildStatus } = spawnSync(process.execPath, [build], { stdio: 'inherit' })
if (buildStatus !== 0) {
  console.error('The package could not be built: npm ci, and see above')
  process.exit(1)
}

// Whatever this shell is set up for is left alone.
for (const name of ['DATABASE_URL', 'REDIS_URL', 'NODE_ENV']) delete process.env[name]
process.env.JWT_SECRET = randomBytes(32).toString('base64')
process.env.SESSION_ENCRYPTION_KEY = randomBytes(32).toString('base64')

// By its name, as a program has it that has installed the package.
const { SessionError, SessionErrorType, SessionManager, sessionManager } =
  await import('holdfast/tokens')

const [ada, eve, org] = [randomUUID(), randomUUID(), randomUUID()]
const roles = { USER: ['read:profile'], ADMIN: ['read:profile', 'read:users'] }
const directory = new Map([
  [ada, { role: 'ADMIN' }],
  [eve, { role: 'USER' }],
])
const told = []
const note = (...args) => void told.push(args)

let failures = 0

async function check(claim, act) {
  try {
    await act()
    console.log(`ok      ${claim}`)
  } catch (error) {
    failed(claim, error)
  }
}

function failed(claim, error) {
  failures++
  console.log(`not ok  ${claim}: ${error instanceof Error ? error.message : 'it threw'}`)
}

async function logIn(userId, device) {
  const result = await sessionManager.createSession(userId, org, device, '192.0.2.1')
  assert.equal(result.success, true, 'no session began')
  return result
}

async function refuses(asked, type, reason) {
  const { success, error } = await asked
  assert.equal(success, false, 'it was let in')
  assert.ok(error instanceof SessionError, 'it failed with something else')
  assert.deepEqual([error.type, error.reason], [type, reason])
}

async function begins() {
  await check('SessionManager.instance is sessionManager', () => {
    assert.equal(SessionManager.instance, sessionManager)
  })
  await check('createSession gives a token, a refresh token and the user', async () => {
    const { token, refreshToken, user } = await logIn(ada)
    assert.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.match(refreshToken, /^hfr_/)
    assert.deepEqual([user.id, user.orgId, user.role], [ada, org, 'ADMIN'])
  })
  await check(
    'the token is an HS256 JWT of a day with ids and times, and nothing else',
    async () => {
      const [header, payload] = (await logIn(ada)).token.split('.').slice(0, 2).map(decode)
      assert.deepEqual([header.alg, header.typ], ['HS256', 'at+jwt'])
      assert.equal(payload.exp - payload.iat, 24 * 60 * 60)
      const names = ['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'org', 'sid', 'sub']
      assert.deepEqual(Object.keys(payload).sort(), names)
    },
  )
  await check('createSession refuses an id that is no UUID', () =>
    refuses(sessionManager.createSession('ada', org), 'VALIDATION_ERROR', 'invalid-input'),
  )
  await check('createSession refuses who is not there', () =>
    refuses(
      sessionManager.createSession(randomUUID(), org),
      'AUTHENTICATION_ERROR',
      'unknown-user',
    ),
  )
}

async function validates() {
  const { token, refreshToken, session } = await logIn(ada, 'laptop')
  await check('validateSession and getUserFromToken tell whose token it is', async () => {
    const { user } = await sessionManager.validateSession(token)
    assert.equal(user.id, ada)
    assert.equal((await sessionManager.getUserFromToken(token)).user.id, ada)
  })
  await check(
    'validateSession refuses an altered token, one that is unsigned, and nonsense',
    async () => {
      const [header, payload, signature] = token.split('.')
      const other = encode({ ...decode(payload), sub: eve })
      const none = encode({ ...decode(header), alg: 'none' })
      const bad = [
        `${header}.${other}.${signature}`,
        `${none}.${payload}.`,
        'nonsense',
        refreshToken,
      ]
      for (const each of bad) {
        await refuses(sessionManager.validateSession(each), 'TOKEN_ERROR', 'invalid-token')
      }
    },
  )
  await check('getActiveSessions and getSessionStats know the session', async () => {
    const [active] = (await sessionManager.getActiveSessions({ userId: ada })).filter(
      ({ id }) => id === session.id,
    )
    assert.deepEqual([active.deviceId, active.ip], ['laptop', '192.0.2.1'])
    assert.ok((await sessionManager.getSessionStats()).activeSessions > 0)
  })
}

async function refreshes() {
  const { token, refreshToken } = await logIn(ada)
  await check('refreshSession gives another pair, and the same one to a retry', async () => {
    const next = await sessionManager.refreshSession(refreshToken)
    assert.equal(next.success, true)
    assert.notEqual(next.refreshToken, refreshToken)
    const retry = await sessionManager.refreshSession(refreshToken)
    assert.deepEqual([retry.token, retry.refreshToken], [next.token, next.refreshToken])
  })
  await check('refreshSession refuses an access token, and a guess', async () => {
    const guess = `hfr_${randomBytes(84).toString('base64url')}`
    for (const each of [token, guess]) {
      await refuses(sessionManager.refreshSession(each), 'TOKEN_ERROR', 'invalid-token')
    }
  })
}

async function permits() {
  const { token } = await logIn(ada)
  await check('hasPermission is true for what the role may do', async () => {
    assert.equal(await sessionManager.hasPermission(token, 'read:users'), true)
    assert.equal(await sessionManager.hasPermission(token, 'delete:users'), false)
  })
  await check('hasPermission is false once the role is gone, with the same token', async () => {
    directory.set(ada, { role: 'USER' })
    assert.equal(await sessionManager.hasPermission(token, 'read:users'), false)
    directory.set(ada, { role: 'ADMIN' })
  })
  await check('requirePermission throws an AUTHORIZATION_ERROR', async () => {
    const { token: other } = await logIn(eve)
    await assert.rejects(sessionManager.requirePermission(other, 'read:users'), {
      type: SessionErrorType.AUTHORIZATION_ERROR,
      permission: 'read:users',
    })
  })
  await check('a user who is disabled has no token at the next call', async () => {
    directory.set(ada, { role: 'ADMIN', disabledAt: new Date(Date.now() - 1) })
    await refuses(sessionManager.validateSession(token), 'AUTHENTICATION_ERROR', 'disabled-user')
    directory.set(ada, { role: 'ADMIN' })
  })
}

async function ends() {
  const { token, refreshToken } = await logIn(ada)
  await check(
    'destroySession ends the session for both tokens, and may be asked again',
    async () => {
      assert.deepEqual(await sessionManager.destroySession(token), { success: true })
      await refuses(sessionManager.validateSession(token), 'TOKEN_ERROR', 'ended-session')
      await refuses(sessionManager.refreshSession(refreshToken), 'TOKEN_ERROR', 'ended-session')
      assert.deepEqual(await sessionManager.destroySession(token), { success: true })
    },
  )
  await check('revokeAllSessions ends all but the one that stays', async () => {
    const [stays, goes] = [await logIn(eve), await logIn(eve)]
    const except = stays.session.id
    assert.equal((await sessionManager.revokeAllSessions(eve, { except })).success, true)
    assert.equal((await sessionManager.validateSession(stays.token)).success, true)
    await refuses(sessionManager.validateSession(goes.token), 'TOKEN_ERROR', 'ended-session')
  })
  await check('cleanupExpiredSessions leaves what is live', async () => {
    const { token: live } = await logIn(eve)
    await sessionManager.cleanupExpiredSessions()
    assert.equal((await sessionManager.validateSession(live)).success, true)
  })
}

async function reports() {
  await check(
    'setLogger takes { ...console, debug: console.log }, and is told no token',
    async () => {
      sessionManager.setLogger({ ...console, error: note, warn: note, info: note, debug: note })
      const { token, refreshToken } = await logIn(ada)
      await sessionManager.refreshSession(refreshToken)
      await sessionManager.destroySession(token)
      assert.ok(told.length >= 3, 'nothing was told')
      const text = inspect(told, { depth: 9 })
      for (const each of [...token.split('.').slice(1), refreshToken, process.env.JWT_SECRET]) {
        assert.ok(!text.includes(each), 'a token or a secret was told')
      }
    },
  )
  await check('a weak JWT_SECRET is refused by its name, and not told', async () => {
    const weak = 'your_jwt_secret_at_least_32_characters_long'
    process.env.JWT_SECRET = weak
    const { success, error } = await new SessionManager().createSession(ada, org)
    assert.deepEqual([success, error.type], [false, 'SYSTEM_ERROR'])
    assert.match(error.message, /JWT_SECRET/)
    assert.ok(!error.message.includes(weak), 'it was told')
  })
}

function decode(part) {
  return JSON.parse(Buffer.from(part, 'base64url').toString())
}

function encode(value) {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

sessionManager.configure({ users: { findById: async (id) => directory.get(id) }, roles })
for (const walk of [begins, validates, refreshes, permits, ends, reports]) {
  await walk().catch((error) => failed(walk.name, error))
}
await sessionManager.close()
console.log(failures === 0 ? 'All of it is so' : `${failures} of these are not so`)
process.exitCode = failures === 0 ? 0 : 1
