import { randomBytes, randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { SessionManager, type SessionError } from 'holdfast/tokens'
import { withVariables } from '../../../integration/doors/users/with-variables.js'

const variables = ['JWT_SECRET', 'SESSION_ENCRYPTION_KEY'] as const
const userId = randomUUID()
const random = () => randomBytes(32).toString('base64')
const strong = { JWT_SECRET: random(), SESSION_ENCRYPTION_KEY: random() }
const nothing = { NODE_ENV: undefined, DATABASE_URL: undefined, REDIS_URL: undefined }

const weak = [
  ['that is not set', undefined],
  ['that is empty', ''],
  ['of blanks and commas', ' , ,'],
  ['of a document, for tokens', 'your_jwt_secret_at_least_32_characters_long'],
  ['of a document, for sessions', 'your_session_encryption_key_at_least_32_characters_long'],
  ['of document 003', 'your-secure-session-secret'],
  ['of 31 characters', randomBytes(32).toString('hex').slice(0, 31)],
  ['of 31 characters and blanks', ` ${randomBytes(32).toString('hex').slice(0, 31)}   `],
  ['of one character', 'Z'.repeat(48)],
  ['that is a short text again and again', 'qW9-'.repeat(12)],
  ['in a list, beside good ones', `${random()},${random()},hunter2-is-too-short,${random()}`],
  ['in a list, first', `hunter2-is-too-short,${random()}`],
] as const

let manager: SessionManager

beforeEach(() => {
  manager = new SessionManager()
})
afterEach(() => manager.close())

/** What becomes of a login with these variables. */
function logIn(secrets: Readonly<Record<string, string | undefined>>) {
  return withVariables({ ...nothing, ...strong, ...secrets }, () =>
    manager.createSession(userId, randomUUID()),
  )
}

async function refusalWith(secrets: Readonly<Record<string, string | undefined>>) {
  const result = await logIn(secrets)
  if (result.success) throw new Error('It was taken for a secret')
  return result.error
}

/** All that somebody may see of an error. */
function shownOf(error: SessionError): string {
  return [error.message, JSON.stringify(error), String(error.cause)].join('\n')
}

/** Each eight characters in a row that the text has. */
function partsOf(text: string): string[] {
  const starts = Array.from({ length: Math.max(text.length - 7, 0) }, (_, start) => start)
  return starts.map((start) => text.slice(start, start + 8)).filter((part) => part.trim() !== '')
}

describe.each(variables)('%s', (variable) => {
  it.each(weak)('%s is refused at first use, by its name alone', async (_what, secret = '') => {
    const error = await refusalWith({ [variable]: secret })

    expect(error).toMatchObject({ type: 'SYSTEM_ERROR', reason: 'misconfigured', status: 500 })
    expect(error.message).toContain(`The environment variable ${variable} `)
    expect(error.message).toContain('openssl rand -base64 32')
    for (const part of partsOf(secret)) expect(shownOf(error)).not.toContain(part)
  })

  it('is taken once it was corrected', async () => {
    expect((await logIn({ [variable]: 'x'.repeat(40) })).success).toBe(false)

    expect((await logIn({})).success).toBe(true)
  })

  it('is taken as a list, with blanks and an empty place', async () => {
    expect((await logIn({ [variable]: ` ${random()} , ${random()},,` })).success).toBe(true)
  })
})

describe('the two secrets', () => {
  const same = random()

  it.each([
    ['equal', same, same],
    ['equal but for blanks', ` ${same}`, `${same} `],
    ['lists that share one', `${random()},${same}`, `${random()},${random()},${same}`],
  ])('are refused where they are %s', async (_what, signing, encryption) => {
    const error = await refusalWith({ JWT_SECRET: signing, SESSION_ENCRYPTION_KEY: encryption })

    expect(error.message).toContain(
      'JWT_SECRET must have another value than SESSION_ENCRYPTION_KEY',
    )
    for (const part of partsOf(same)) expect(shownOf(error)).not.toContain(part)
  })
})

describe('a manager without secrets', () => {
  it('is made, and told of a logger, before anything is looked at', async () => {
    await withVariables({ JWT_SECRET: 'x', SESSION_ENCRYPTION_KEY: undefined }, async () => {
      expect(() => SessionManager.instance.setLogger({ ...silent })).not.toThrow()
    })
  })

  it.each([
    ['validateSession', () => manager.validateSession('a.b.c')],
    ['verifyToken', () => manager.verifyToken('a.b.c')],
    ['refreshSession', () => manager.refreshSession('hfr_')],
    ['destroySession', () => manager.destroySession('a.b.c')],
    ['getUserFromToken', () => manager.getUserFromToken('a.b.c')],
    ['revokeAllSessions', () => manager.revokeAllSessions(userId)],
  ])('says so as the result of %s', async (_method, act) => {
    const missing = { ...nothing, JWT_SECRET: undefined }

    expect(await withVariables(missing, act)).toMatchObject({
      success: false,
      error: { type: 'SYSTEM_ERROR', reason: 'misconfigured' },
    })
  })

  it.each([
    ['hasPermission', () => manager.hasPermission('a.b.c', 'read:users')],
    ['getSessionStats', () => manager.getSessionStats()],
    ['ready', () => manager.ready()],
  ] satisfies [string, () => Promise<unknown>][])(
    'rejects %s, which is no "no"',
    async (_method, act) => {
      const missing = { ...nothing, JWT_SECRET: undefined }

      await expect(withVariables<unknown>(missing, act)).rejects.toMatchObject({
        reason: 'misconfigured',
      })
    },
  )

  it('needs none where an engine and keys are given', async () => {
    const signing = { keys: { now: random() }, current: 'now' }
    const { engine } = await engineWith(strong)
    const other = new SessionManager({ engine, signing })
    const none = { ...nothing, JWT_SECRET: undefined, SESSION_ENCRYPTION_KEY: undefined }

    const login = await withVariables(none, () => other.createSession(userId, randomUUID()))

    expect(login.success).toBe(true)
  })
})

async function engineWith(secrets: Readonly<Record<string, string>>) {
  return { engine: await withVariables({ ...nothing, ...secrets }, () => manager.engine()) }
}

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} }
