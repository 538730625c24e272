import { afterAll, beforeAll, describe, it } from '@jest/globals'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { ledgerContract } from '../../../../src/testing/ledger-contract.js'
import { connectPGlite, connectPrisma, openEmpty } from './drivers.js'
import { connectPool } from './pool.js'
import type { Connection } from './pool.js'

const newYork = { timezone: 'America/New_York' }

describe.each([
  { through: 'Prisma', connect: connectPrisma },
  { through: 'Prisma in New York', connect: () => connectPrisma(newYork) },
  { through: 'a pool of pg', connect: connectPool },
  { through: 'a pool of pg in New York', connect: () => connectPool(newYork) },
  { through: 'PGlite', connect: connectPGlite },
])('a Postgres ledger through $through', ({ connect }) => {
  let connection: Connection

  beforeAll(async () => {
    connection = await connect()
    await new PostgresLedger({ client: connection.client, createTables: true }).ready()
  })

  afterAll(() => connection.end())

  it.each(ledgerContract)('$name', async ({ check }) => check(await openEmpty(connection.client)))
})
