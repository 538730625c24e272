import { describe, expect, it } from '@jest/globals'
import { ClosedError, ConflictError, LedgerUnavailableError } from 'holdfast'
import { EmailTakenError, isOutage, UsersUnavailableError } from 'holdfast/users'

describe('an outage', () => {
  it.each([
    new LedgerUnavailableError('postgres', 'read', undefined),
    new UsersUnavailableError('find', undefined),
    new ClosedError(),
  ])('is %p', (error) => {
    expect(isOutage(error)).toBe(true)
  })

  it('is known by its code, whichever copy of the package it comes from', () => {
    const copy = Object.assign(new Error('away'), { code: 'ERR_LEDGER_UNAVAILABLE' })

    expect(isOutage(copy)).toBe(true)
  })

  it.each([
    new EmailTakenError(),
    new ConflictError('id'),
    new Error('away'),
    { code: 'ERR_LEDGER_UNAVAILABLE' },
    'ERR_CLOSED',
    undefined,
  ])('is not %p', (error) => {
    expect(isOutage(error)).toBe(false)
  })
})
