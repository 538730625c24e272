import { describe, expect, it } from '@jest/globals'
import * as underneath from '../../../../src/core/errors.js'
import { SessionError, toSessionError } from '../../../../src/doors/tokens/errors.js'

const cause = new Error('of the driver')

const withCode = (code: unknown) => Object.assign(new Error('of a library'), { code })

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
    [withCode('constructor'), 'SYSTEM_ERROR', 500],
    [withCode('__proto__'), 'SYSTEM_ERROR', 500],
    [withCode(Object.create(null)), 'SYSTEM_ERROR', 500],
    [withCode(Symbol('a code')), 'SYSTEM_ERROR', 500],
    ['no error', 'SYSTEM_ERROR', 500],
  ])('%s is a %s, with a status of %d, and stays its cause', (thrown, type, status) => {
    expect(toSessionError(thrown)).toMatchObject({ type, status, cause: thrown })
  })

  it('is left as it is where it is a SessionError already', () => {
    const error = new SessionError('ended-session', 'The session has ended')

    expect(toSessionError(error)).toBe(error)
  })
})
