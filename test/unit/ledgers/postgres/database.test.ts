import { describe, expect, it } from '@jest/globals'
import { InvalidRecordError, MigrationRequiredError } from '../../../../src/core/errors.js'
import { systemClock } from '../../../../src/core/clock.js'
import { Database } from '../../../../src/ledgers/postgres/database.js'
import type { Row } from '../../../../src/drivers/postgres/sql-client.js'

const row = { answer: 42 }

describe('the database behind a ledger', () => {
  it.each(['40P01', '40001'])('is asked again after %s', async (code) => {
    const { database, asked } = failing({ code }, 2)

    await expect(database.run('select', [])).resolves.toEqual([row])
    expect(asked()).toBe(3)
  })

  it('is asked five times at most', async () => {
    const error = { code: '40P01' }
    const { database, asked } = failing(error, Infinity)

    await expect(database.run('select', [])).rejects.toBe(error)
    expect(asked()).toBe(5)
  })

  it.each(['22021', '23502', '54000'])('refuses what a session holds with %s', async (code) => {
    const { database } = failing({ code }, 1)

    const refusal = database.run('select', [])

    await expect(refusal).rejects.toThrow(InvalidRecordError)
    await expect(refusal).rejects.toMatchObject({ cause: { code } })
  })

  it.each(['42P01', '42703', '3F000'])('asks for a migration with %s', async (code) => {
    const { database } = failing({ code }, 1)

    const refusal = database.run('select', [])

    await expect(refusal).rejects.toThrow(MigrationRequiredError)
    await expect(refusal).rejects.toMatchObject({ table: '"sessions"', cause: { code } })
  })

  it.each(['57014', '53300', '25006', 'ECONNRESET'])('lets %s up as it is', async (code) => {
    const error = Object.assign(new Error('no'), { code })
    const { database, asked } = failing(error, Infinity)

    await expect(database.run('select', [])).rejects.toBe(error)
    expect(asked()).toBe(1)
  })
})

/** A database that fails so many times before it answers. */
function failing(error: unknown, times: number) {
  let asked = 0
  const query = async (): Promise<readonly Row[]> => {
    asked += 1
    if (asked <= times) throw error
    return [row]
  }
  const table = { table: '"sessions"', remedy: 'migrate' }
  const database = new Database({ client: { query }, clock: systemClock, ...table })
  return { database, asked: () => asked }
}
