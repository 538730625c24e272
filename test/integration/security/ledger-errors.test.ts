import { inspect } from 'node:util'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fromPGlite } from '../../../src/drivers/postgres/from-pglite.js'
import { PostgresLedger } from '../../../src/ledgers/postgres/postgres-ledger.js'
import { openSessions } from '../../../src/index.js'
import type { OpenSessionsOptions } from '../../../src/open-sessions.js'
import { ledgerKinds, type OpenLedgerClient } from '../../chaos/scene/postgres-clients.js'
import { freshDatabase, type FreshDatabase } from '../../services.js'

const COOKIE_ID = 'the-id-that-the-cookie-has'
const MARKER = 'the-marker-that-is-in-the-session'

/** A row is refused by its owner's own constraint: Postgres answers with all of it. */
const REFUSE = `alter table sessions add constraint short check (length(data) < 10)`

/** All that is told of a write that is refused. */
async function tellOfRefusal(
  tier: OpenSessionsOptions,
  query: (text: string) => Promise<unknown>,
): Promise<string> {
  const told: unknown[] = []
  const log = (...line: unknown[]): void => void told.push(line)
  const logger = { error: log, warn: log, info: log, debug: log }
  const settings = { sweepEvery: false, hashSessionIds: false, logger } as const
  const engine = openSessions({ ...tier, ...settings })
  const id = engine.idOf(COOKIE_ID)!
  const change = { content: { marker: MARKER }, ttl: 60_000, cursor: { base: 'new' } } as const
  await engine.ready()
  await query(REFUSE)
  await engine.write(id, change).catch((error: unknown) => told.push(error))
  await engine.close()
  return inspect(told, { depth: Infinity, maxStringLength: Infinity, showHidden: true })
}

describe('the error of a write that Postgres refuses', () => {
  let database: FreshDatabase
  let client: OpenLedgerClient

  beforeAll(async () => {
    database = await freshDatabase()
  })

  afterAll(() => database.drop())

  it.each(ledgerKinds)('holds nothing of the row, through $name', async (kind) => {
    client = kind.open(database.url)
    const admin = ledgerKinds[0]!.open(database.url)
    const query = (text: string): Promise<unknown> => admin.tier.pool!.query({ text, values: [] })
    await query('drop table if exists sessions, session_repairs, "_prisma_migrations"')
    const told = await tellOfRefusal({ ...client.tier, createTables: true }, query)
    await Promise.all([client.end(), admin.end()])

    expect(told).toContain('violates check constraint')
    for (const secret of [COOKIE_ID, MARKER]) expect(told).not.toContain(secret)
  })

  it('holds nothing of the row, through PGlite', async () => {
    const db = await PGlite.create()
    const ledger = new PostgresLedger({ client: fromPGlite(db), createTables: true })
    const told = await tellOfRefusal({ ledger }, (text) => db.query(text))
    await db.close()

    expect(told).toContain('violates check constraint')
    for (const secret of [COOKIE_ID, MARKER]) expect(told).not.toContain(secret)
  })
})
