import { Console } from 'node:console'
import { randomBytes, randomUUID } from 'node:crypto'
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { ChaosLedger } from 'holdfast/testing'
import { SessionError, SessionManager, type Logger } from 'holdfast/tokens'
import { withVariables } from '../../../integration/doors/users/with-variables.js'
import { plain } from '../../../integration/doors/tokens/environments.js'
import { MemoryLedger } from '../../../../src/ledgers/memory/memory-ledger.js'

const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
const [userId, orgId] = [randomUUID(), randomUUID()]

type Line = readonly [level: string, said: unknown, context?: unknown]

/** Keeps what it is told. */
class KeepingLogger implements Logger {
  readonly lines: Line[] = []
  error(error: SessionError): void {
    this.lines.push(['error', error])
  }
  warn(message: string, context?: unknown): void {
    this.lines.push(['warn', message, context])
  }
  info(message: string, context?: unknown): void {
    this.lines.push(['info', message, context])
  }
  debug(message: string, context?: unknown): void {
    this.lines.push(['debug', message, context])
  }
  get levels(): readonly string[] {
    return this.lines.map(([level]) => level)
  }
}

let ledger: ChaosLedger
let engine: SessionEngine
let logger: KeepingLogger
let unhandled: unknown[]
const keep = (reason: unknown) => unhandled.push(reason)

beforeEach(() => {
  unhandled = []
  process.on('unhandledRejection', keep)
  logger = new KeepingLogger()
  ledger = new ChaosLedger(new MemoryLedger())
  engine = openSessions({ ledger, sweepEvery: false })
})
afterEach(async () => {
  process.off('unhandledRejection', keep)
  await engine.close()
})

function aManager(told?: unknown): SessionManager {
  return new SessionManager({ engine, signing, retryWithin: 0, logger: told as Logger })
}

/** What becomes of a login, a use, a guess, an outage and a theft. */
async function lifeOf(manager: SessionManager): Promise<readonly unknown[]> {
  const outcomes: unknown[] = []
  const note = async (call: ReturnType<SessionManager['validateSession']>) => {
    const result = await call
    outcomes.push(result.success || result.error.reason)
    return result
  }
  const login = (await note(manager.createSession(userId, orgId))) as {
    token: string
    refreshToken: string
  } & Awaited<ReturnType<SessionManager['createSession']>>
  await note(manager.validateSession(login.token))
  await note(manager.validateSession('a.b.c'))
  ledger.chaos.fail(['read'])
  await note(manager.validateSession(login.token))
  ledger.chaos.heal()
  await note(manager.refreshSession(login.refreshToken))
  await delay(5)
  await note(manager.refreshSession(login.refreshToken))
  return outcomes
}

const outcomes = [true, true, 'invalid-token', 'unavailable', true, 'reused-token']

const fails = () => {
  throw new Error('The log is full')
}
const rejects = async () => fails()

describe('a logger', () => {
  it.each([
    ['that throws', { error: fails, warn: fails, info: fails, debug: fails }],
    ['that rejects', { error: rejects, warn: rejects, info: rejects, debug: rejects }],
    ['that is none', undefined],
    [
      'whose promises are odd',
      { error: () => ({ then: fails }), warn: fails, info: fails, debug: rejects },
    ],
  ])('%s changes no result', async (_what, told) => {
    expect(await lifeOf(aManager(told))).toEqual(outcomes)
    await delay(5)
    expect(unhandled).toEqual([])
  })

  it('that lacks methods by the time changes no result', async () => {
    const manager = aManager()
    manager.setLogger({} as Logger)

    expect(await lifeOf(manager)).toEqual(outcomes)
  })

  it('is told from when it is set on, and another no more', async () => {
    const manager = aManager(logger)
    await manager.validateSession('a.b.c')
    const later = new KeepingLogger()
    manager.setLogger(later)
    await manager.validateSession('a.b.c')

    expect([logger.lines.length, later.lines.length]).toEqual([1, 1])
  })

  it('may be the console, with debug as log', async () => {
    const stream = new PassThrough()
    const console = new Console(stream)
    const manager = aManager({ ...console, debug: console.log.bind(console) })

    expect(await lifeOf(manager)).toEqual(outcomes)
    const text = String(stream.read())
    expect(text).toContain('A session began')
    expect(text).toContain('SessionError: The sessions could not be reached')
  })
})

describe('what is told', () => {
  it('is failures as errors, one theft as a warning, a login as information, and what else visitors do for debugging', async () => {
    await lifeOf(aManager(logger))

    expect(logger.levels).toEqual(['info', 'debug', 'debug', 'error', 'debug', 'warn', 'debug'])
    expect(logger.lines[2]).toEqual([
      'debug',
      'The token is none of ours, or was altered',
      { type: 'TOKEN_ERROR', reason: 'invalid-token' },
    ])
    const [, failure] = logger.lines[3]!
    expect(failure).toBeInstanceOf(SessionError)
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', reason: 'unavailable' })
    expect(logger.lines[5]).toMatchObject(['warn', /used again/, { userId, generation: 0 }])
  })

  it('is no word of an outage that a caller is told as a refusal', async () => {
    const manager = aManager(logger)
    await manager.createSession('no-uuid', orgId)
    await manager.refreshSession('hfr_')
    await manager.hasPermission('a.b.c', 'read:users')

    expect(logger.levels).toEqual(['debug', 'debug', 'debug'])
  })

  it('is what the engine tells too, where the manager has opened it', async () => {
    const manager = new SessionManager({ logger, retryWithin: 0 })
    await withVariables(plain, () => manager.ready())
    const login = await manager.createSession(userId, orgId)
    if (!login.success) throw login.error
    const opened = await manager.engine()
    opened.emit('token.theft', { id: 'an-id', userId, generation: 1, newest: 3 })
    await opened.revoke(login.session.id)

    expect(logger.levels.filter((level) => level === 'warn')).toHaveLength(1)
    expect(logger.lines).toContainEqual([
      'info',
      'A session was ended',
      expect.objectContaining({ id: login.session.id }),
    ])
    await manager.close()
  })

  it('holds no token', async () => {
    const manager = aManager(logger)
    const login = await manager.createSession(userId, orgId)
    if (!login.success) throw login.error
    await manager.validateSession(`${login.token}x`)
    await manager.refreshSession(`${login.refreshToken}x`)
    const text = JSON.stringify(logger.lines)

    expect(logger.lines).toHaveLength(3)
    expect(text).not.toContain(login.token.slice(0, 24))
    expect(text).not.toContain(login.refreshToken.slice(0, 24))
  })
})
