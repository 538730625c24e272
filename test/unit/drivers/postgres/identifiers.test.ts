import { describe, expect, it } from '@jest/globals'
import { InvalidOptionError } from '../../../../src/core/errors.js'
import { toTables } from '../../../../src/drivers/postgres/identifiers.js'

describe("the tables' names", () => {
  it('are sessions and session_repairs unless others are given', () => {
    expect(toTables({})).toEqual({ sessions: '"sessions"', repairs: '"session_repairs"' })
  })

  it('are quoted and qualified', () => {
    expect(toTables({ schema: 'Auth', table: 'admin_session' })).toEqual({
      sessions: '"Auth"."admin_session"',
      repairs: '"Auth"."admin_session_repairs"',
    })
  })

  it.each([
    ['session', 'sessions'],
    ['visit', 'visits'],
  ])('are of each table alone: %s and %s share no repairs', (one, other) => {
    expect(toTables({ table: one }).repairs).not.toBe(toTables({ table: other }).repairs)
  })

  it.each(['', 'a"b', "a'b", 'a.b', 'a b', '1a', 'ä', 'a\0', 'x'.repeat(49), 7, null])(
    'can not be %j',
    (name) => {
      const asGiven = name as string
      expect(() => toTables({ table: asGiven })).toThrow(InvalidOptionError)
      expect(() => toTables({ schema: asGiven })).toThrow(
        expect.objectContaining({ option: 'schema' }),
      )
    },
  )
})
