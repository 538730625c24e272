import { describe, expect, it } from '@jest/globals'
import { sqlStateOf } from '../../../../src/drivers/postgres/sql-state.js'

const adapterError = (cause: object) => ({ code: 'P2010', meta: { driverAdapterError: { cause } } })

describe('the SQLSTATE of an error', () => {
  it.each([
    { from: 'pg', error: { code: '42P01' }, state: '42P01' },
    { from: "Prisma's adapters", error: adapterError({ originalCode: '22021' }), state: '22021' },
    { from: 'older adapters', error: adapterError({ code: '40P01' }), state: '40P01' },
    { from: "Prisma's engine", error: { code: 'P2010', meta: { code: '23505' } }, state: '23505' },
    { from: "Prisma's P2034", error: { code: 'P2034', meta: {} }, state: '40001' },
  ])('is found in what $from throws', ({ error, state }) => {
    expect(sqlStateOf(error)).toBe(state)
  })

  it.each([
    undefined,
    null,
    'a text',
    {},
    new Error('lost'),
    { code: 'EPIPE' },
    { code: 'ECONNREFUSED' },
    { code: 'P1001', meta: {} },
    { code: 'P2010', meta: { code: 'N/A' } },
    adapterError({ kind: 'DatabaseNotReachable' }),
    { code: 42 },
  ])('is not found where Postgres did not answer (%#)', (error) => {
    expect(sqlStateOf(error)).toBeUndefined()
  })
})
