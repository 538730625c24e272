import { randomBytes, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import {
  SessionError,
  SessionManager,
  type SessionErrorReason,
  type SessionManagerOptions,
} from 'holdfast/tokens'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { LIMITED, limitOf } from '../../src/doors/tokens/limits/rate-limit-options.js'
import { toTokenSettings } from '../../src/doors/tokens/session-manager-options.js'

const page = readFileSync(join(__dirname, '../../docs/doors/tokens.md'), 'utf8')

/** All there are, as the compiler knows. */
const reasons: Record<SessionErrorReason, true> = {
  'invalid-input': true,
  'no-token': true,
  'unknown-user': true,
  'disabled-user': true,
  'login-superseded': true,
  'missing-permission': true,
  'other-organization': true,
  'rate-limited': true,
  unavailable: true,
  'not-decryptable': true,
  'invalid-token': true,
  'expired-token': true,
  'ended-session': true,
  'reused-token': true,
  misconfigured: true,
  closed: true,
  unexpected: true,
}
const options: Record<keyof SessionManagerOptions, true> = {
  engine: true,
  signing: true,
  users: true,
  roles: true,
  accessTtl: true,
  refreshTtl: true,
  absoluteTtl: true,
  retryWithin: true,
  issuer: true,
  audience: true,
  idSchema: true,
  rateLimits: true,
  logger: true,
}

let engine: SessionEngine
let manager: SessionManager
let token: string

beforeAll(async () => {
  const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  manager = new SessionManager({ engine, signing })
  const login = await manager.createSession(randomUUID(), randomUUID())
  if (!login.success) throw login.error
  token = login.token
})

afterAll(async () => {
  await manager.close()
  await engine.close()
})

/** The cells of the table whose header begins with these words, without quotes. */
function table(...header: readonly string[]): readonly (readonly string[])[] {
  const rows = page.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll('`', '').trim()),
  )
  const at = rows.findIndex((row) => header.every((name, column) => row[column] === name))
  const length = rows.slice(at).findIndex((row) => row.length === 0)
  return rows.slice(at + 2, at + length)
}

describe('the page on tokens', () => {
  it('has each reason of an error, with its type and status', () => {
    const told = table('type', 'reason', 'status').map((row) => row.slice(0, 3))
    const thrown = (Object.keys(reasons) as SessionErrorReason[]).map((reason) => {
      const { type, status } = new SessionError(reason, '')
      return [type, reason, String(status)]
    })

    expect(told).toEqual(expect.arrayContaining(thrown))
    expect(told).toHaveLength(thrown.length)
  })

  it('has each option, with its default', () => {
    const defaults = new Map(table('option', 'default').map(([name, value]) => [name, value]))
    const settings = toTokenSettings({})

    expect([...defaults.keys()].sort()).toEqual(Object.keys(options).sort())
    for (const name of ['accessTtl', 'refreshTtl', 'absoluteTtl', 'retryWithin'] as const) {
      const told = toTokenSettings({ [name]: defaults.get(name)?.replaceAll("'", '') ?? '' })
      expect([name, told[name]]).toEqual([name, settings[name]])
    }
    expect(defaults.get('issuer')).toBe(`'${settings.issuer}'`)
  })

  it('has all that a token says, and nothing else', () => {
    const told = table('field', 'what it is').flatMap(([fields]) => fields!.split(', '))
    const header = Object.keys(decodeProtectedHeader(token)).map((name) => `header ${name}`)

    expect(told.sort()).toEqual([...header, ...Object.keys(decodeJwt(token))].sort())
  })

  it('has the audience that a token of the context web is for', () => {
    expect(page).toContain(`'${String(decodeJwt(token).aud)}'`)
  })

  it('has each limit, with its default', () => {
    const told = table('what', 'counted by').map(([name, , value]) => [name, value])
    const limits = LIMITED.map((limited) => {
      const { points, duration } = limitOf({}, limited)
      return [limited, `${points} a ${duration === 60 ? 'minute' : '?'}`]
    })

    expect(told).toEqual(limits)
  })

  it('has all that statistics count', async () => {
    const { counts, ...rows } = await manager.getSessionStats()

    for (const name of [...Object.keys(counts), ...Object.keys(rows)]) {
      expect(page).toContain(`\`${name}\``)
    }
  })

  it('has each method of a manager', () => {
    const told = table('method', 'gives').flatMap(([cell]) => cell!.match(/\w+(?=\()/g))
    const methods = Object.getOwnPropertyNames(SessionManager.prototype)

    expect([...told, 'constructor'].sort()).toEqual(methods.sort())
  })
})
