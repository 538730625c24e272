import { describe, expect, it } from '@jest/globals'
import * as underneath from '../../../../src/core/errors.js'
import { SessionError, toSessionError } from '../../../../src/doors/tokens/errors.js'

const cause = new Error('of the driver')

describe('what fails underneath', () => {
  it.each([
    [new underneath.LedgerUnavailableError('postgres', 'read', cause), 'DATABASE_ERROR', 503],
    [new underneath.MigrationRequiredError('"sessions"', 'run it', cause), 'DATABASE_ERROR', 503],
    [new underneath.InvalidRecordError(cause), 'DATABASE_ERROR', 503],
    [new underneath.ConflictError('public'), 'DATABASE_ERROR', 503],
    [new underneath.DecryptionError('it was altered'), 'ENCRYPTION_ERROR', 500],
    [new underneath.UnknownKeyError('old'), 'ENCRYPTION_ERROR', 500],
    [new underneath.InvalidOptionError('userId', 'is bad'), 'SYSTEM_ERROR', 500],
    [new underneath.ClosedError(), 'SYSTEM_ERROR', 500],
    [new TypeError('a mistake'), 'SYSTEM_ERROR', 500],
    ['no error', 'SYSTEM_ERROR', 500],
  ])('%s is a %s, with a status of %d, and stays its cause', (thrown, type, status) => {
    expect(toSessionError(thrown)).toMatchObject({ type, status, cause: thrown })
  })

  it('is left as it is where it is a SessionError already', () => {
    const error = new SessionError('ended-session', 'The session has ended')

    expect(toSessionError(error)).toBe(error)
  })

  const codes: readonly unknown[] = ['constructor', '__proto__', Object.create(null), Symbol('x')]

  it.each([...codes, [], 7])('is unexpected with a code that is none of ours: %p', (code) => {
    const thrown = Object.assign(new Error('hunter2'), { code })

    expect(toSessionError(thrown)).toMatchObject({
      ...{ reason: 'unexpected', message: 'The operation failed', cause: thrown },
    })
  })

  it('is unexpected where it throws itself when it is looked at', () => {
    const refuse = (): never => {
      throw new Error('hunter2')
    }
    const withCode = Object.defineProperty(new Error('hunter2'), 'code', { get: refuse })
    const ofNoKind = new Proxy({}, { getPrototypeOf: refuse })

    for (const thrown of [withCode, ofNoKind]) {
      const { reason, message, cause } = toSessionError(thrown)
      expect([reason, message]).toEqual(['unexpected', 'The operation failed'])
      expect(cause === thrown).toBe(true)
    }
  })
})
