import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { Device } from '../../examples/token-api/api.js'
import type { RunningApp } from './example-program.js'
import {
  anAddress,
  inShort,
  loggedIn,
  onDevice,
  password,
  registered,
  startApi,
  stopAll,
  tokenApi,
} from './token-api.js'

let app: RunningApp

beforeAll(async () => {
  tokenApi.build()
  app = await startApi({})
}, 120_000)
afterAll(stopAll)

const bad = 'Bearer error="invalid_token"'

describe('the token example with nothing configured', () => {
  it('lets its client tell the whole story', async () => {
    const { status, output } = await tokenApi.runToEnd({}, { file: 'client.js', args: [app.url] })

    expect(output.replace(/[0-9a-f-]{36}/, '<id>').split('\n')).toEqual([
      'nobody asks me   401 no-token, Bearer',
      'register         a user with the id <id>',
      'register again   409 email-taken',
      'wrong password   401 wrong-credentials, Bearer',
      'unknown address  401 wrong-credentials, Bearer',
      'login, laptop    an access token, and a refresh token',
      'login, phone     in capitals: it is the same address',
      'me, laptop       Ada, USER, who may read:profile',
      'users            403 missing-permission, Bearer error="insufficient_scope", scope="read:users"',
      'refresh          another pair of tokens',
      'and once more    the same pair as that: its answer was lost',
      `altered token    401 invalid-token, ${bad}`,
      `wrong kind       401 invalid-token, ${bad}`,
      'sessions         laptop (this) and phone',
      'end one          the phone, by its public id',
      `me, phone        401 ended-session, ${bad}`,
      `refresh, phone   401 ended-session, ${bad}`,
      'logout, laptop   the session has ended, for both tokens',
      `me, laptop       401 ended-session, ${bad}`,
      '',
    ])
    expect(status).toBe(0)
  })

  it('has no tokens cached by anybody, and tells no more than a client may know', async () => {
    const { device, email } = await registered(app)
    const login = await device.logIn(email, password)
    const refresh = await device.refresh()

    for (const { headers, body } of [login, refresh]) {
      expect(headers.get('Cache-Control')).toBe('no-store')
      const names = ['expiresAt', 'refreshToken', 'session', 'token']
      expect(Object.keys(body as object).sort()).toEqual(names)
    }
  })

  it('answers a wrong password and an address that nobody has alike', async () => {
    const { device, email } = await registered(app)
    const [wrong, unknown] = [
      await device.logIn(email, 'not the password'),
      await device.logIn(anAddress(), 'not the password'),
    ]
    const headersOf = ({ headers }: typeof wrong) =>
      [...headers].filter(([name]) => !['date', 'etag'].includes(name))

    expect(inShort(wrong)).toBe('401 wrong-credentials')
    expect(unknown.body).toEqual(wrong.body)
    expect(headersOf(unknown)).toEqual(headersOf(wrong))
  })

  it('takes the eleventh guess of a password for one too many, and says when to come back', async () => {
    const { device, email } = await registered(app)
    const guesses = Array.from({ length: 10 }, () => device.logIn(email, 'not the password'))
    expect(new Set((await Promise.all(guesses)).map(inShort))).toEqual(
      new Set(['401 wrong-credentials']),
    )
    const late = await device.logIn(email.toUpperCase(), password)

    expect(inShort(late)).toBe('429 rate-limited')
    expect(Number(late.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(await loggedIn(app)).toHaveProperty('id')
  })

  it('lets nobody begin more sessions a minute than holdfast allows', async () => {
    const account = await loggedIn(app)
    for (let each = 1; each < 60; each++) await onDevice(app, account)
    const late = await account.device.logIn(account.email, password)

    expect(inShort(late)).toBe('429 rate-limited')
    expect(Number(late.headers.get('Retry-After'))).toBeGreaterThan(0)
    expect(inShort(await account.device.get('/me'))).toBe('200')
  })

  it('ends all sessions but the one that asks', async () => {
    const account = await loggedIn(app)
    const others = [await onDevice(app, account), await onDevice(app, account)]

    expect((await account.device.delete('/sessions')).body).toEqual({ ended: 2 })
    expect(inShort(await account.device.get('/me'))).toBe('200')
    expect(inShort(await account.device.refresh())).toBe('200')
    for (const other of others) expect(inShort(await other.get('/me'))).toBe('401 ended-session')
  })

  it('ends nobody else’s session, whoever knows its public id', async () => {
    const [ada, eve] = [await loggedIn(app), await loggedIn(app)]
    const sessions = (await ada.device.get('/sessions')).body as readonly { readonly id: string }[]

    expect(sessions).toHaveLength(1)
    expect(inShort(await eve.device.delete(`/sessions/${sessions[0]!.id}`))).toBe('404 not-found')
    expect(inShort(await ada.device.get('/me'))).toBe('200')
  })

  it('logs out twice', async () => {
    const { device } = await loggedIn(app)

    expect([inShort(await device.logOut()), inShort(await device.logOut())]).toEqual(['204', '204'])
    expect(inShort(await device.refresh())).toBe('401 ended-session')
  })
})

describe('a stolen refresh token', () => {
  it('ends the session of the thief and of its owner', async () => {
    const own = await startApi({ RETRY_SECONDS: '0' })
    const { device } = await loggedIn(own)
    const thief = device.at(own.url)
    await device.refresh()
    // The same millisecond is a retry.
    await sleep(5)

    expect(inShort(await thief.refresh())).toBe('401 reused-token')
    expect(inShort(await device.get('/me'))).toBe('401 ended-session')
    expect(inShort(await device.refresh())).toBe('401 ended-session')
    expect((await own.stop()).output).toContain('A refresh token was used again')
  })
})

describe('what is no request of this API', () => {
  it.each([
    ['a form', 'application/x-www-form-urlencoded', 'refreshToken=x', '415 no-json'],
    ['text', 'text/plain', '{}', '415 no-json'],
    ['half an object', 'application/json', '{ "refreshToken": ', '400 unreadable'],
    ['a list', 'application/json', '[]', '400 invalid-input'],
    ['a number', 'application/json', '{ "refreshToken": 1 }', '400 invalid-input'],
    [
      'too many fields',
      'application/json',
      '{ "refreshToken": "x", "admin": 1 }',
      '400 invalid-input',
    ],
    ['too long a body', 'application/json', `{ "a": "${'x'.repeat(20_000)}" }`, '413 unreadable'],
    ['nonsense', 'application/json', '{ "refreshToken": "xxx" }', '401 invalid-token'],
  ])('is refused: %s', async (_what, type, body, expected) => {
    const init = { method: 'POST', headers: { 'Content-Type': type }, body }
    const response = await fetch(`${app.url}/refresh`, init)
    const answer = {
      status: response.status,
      headers: response.headers,
      body: await response.json(),
    }

    expect(inShort(answer)).toBe(expected)
    expect(JSON.stringify(answer.body)).not.toMatch(/admin|xxx|stack/)
  })

  it('is no route', async () => {
    expect(inShort(await new Device(app.url, 'x').get('/nothing'))).toBe('404 not-found')
  })
})

describe('SIGTERM', () => {
  it('waits for the request that is under way, and takes no other', async () => {
    const own = await startApi({})
    const { device, email } = await registered(own)
    const begun = await beginLogin(own)
    const stopping = own.stop('SIGTERM')
    while (await device.get('/me').catch(() => undefined)) await sleep(10)
    begun.end(JSON.stringify({ email, password }))
    const [response] = (await once(begun, 'response')) as [IncomingMessage]
    response.resume()
    const answeredAt = performance.now()

    expect(response.statusCode).toBe(200)
    expect(await stopping).toMatchObject({ status: 0 })
    // A client that keeps its connection is not waited for: the server would do so for five seconds.
    expect(performance.now() - answeredAt).toBeLessThan(3_000)
  })
})

/** A login whose body is still to come; the server has said that it waits for it. */
async function beginLogin(at: RunningApp): Promise<ClientRequest> {
  const headers = { 'Content-Type': 'application/json', Expect: '100-continue' }
  const begun = request(`${at.url}/login`, { method: 'POST', headers })
  begun.flushHeaders()
  await once(begun, 'continue')
  return begun
}
