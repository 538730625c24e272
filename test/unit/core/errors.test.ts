import { describe, expect, it } from '@jest/globals'
import * as errors from '../../../src/core/errors.js'

const cause = new Error('of the driver')

const all: readonly (readonly [errors.SessionError, string])[] = [
  [new errors.InvalidOptionError('ttl', 'is bad'), 'ERR_INVALID_OPTION'],
  [new errors.LedgerUnavailableError('postgres', 'read', cause), 'ERR_LEDGER_UNAVAILABLE'],
  [new errors.CacheUnavailableError('redis', 'read', cause), 'ERR_CACHE_UNAVAILABLE'],
  [new errors.DeadlineError(50), 'ERR_DEADLINE'],
  [new errors.MigrationRequiredError('"sessions"', 'run it', cause), 'ERR_MIGRATION_REQUIRED'],
  [new errors.InvalidRecordError(cause), 'ERR_INVALID_RECORD'],
  [new errors.ConflictError('public'), 'ERR_CONFLICT'],
  [new errors.SerializationError('it is circular', cause), 'ERR_SERIALIZATION'],
  [new errors.InvalidSessionIdError(), 'ERR_INVALID_SESSION_ID'],
  [new errors.DecryptionError('it was altered', cause), 'ERR_DECRYPTION'],
  [new errors.UnknownKeyError('k1'), 'ERR_UNKNOWN_KEY'],
  [new errors.ClosedError(), 'ERR_CLOSED'],
]

describe('errors', () => {
  it.each(all)('%s has the code %s, and its class for its name', (error, code) => {
    expect(error).toBeInstanceOf(errors.SessionError)
    expect(error.code).toBe(code)
    expect(error.name).toBe(error.constructor.name)
    expect(error.message).not.toBe('')
  })

  it('are all in this list', () => {
    const classes = Object.values(errors).filter((each) => each !== errors.SessionError)
    expect(new Set(all.map(([error]) => error.constructor))).toEqual(new Set(classes))
  })

  it('keep the error of the driver as their cause', () => {
    const kept = all.filter(([error]) => error.cause !== undefined)
    expect(kept.map(([error]) => error.cause)).toEqual(kept.map(() => cause))
    expect(kept).toHaveLength(6)
  })

  it.each([
    ['commit', /the change may not be stored$/],
    ['revoke', /not durable yet$/],
    ['read', /could not read$/],
  ])('say what a ledger that could not %s means', (operation, message) => {
    expect(new errors.LedgerUnavailableError('postgres', operation, cause).message).toMatch(message)
  })
})
