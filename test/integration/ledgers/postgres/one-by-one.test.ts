import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { toTables } from '../../../../src/ledgers/postgres/identifiers.js'
import * as parameters from '../../../../src/ledgers/postgres/parameters.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { fromPool } from '../../../../src/ledgers/postgres/from-pool.js'
import { createStatements } from '../../../../src/ledgers/postgres/statements.js'
import { aChange, aRecord } from '../../../../src/testing/fixtures.js'
import { freshDatabase, type FreshDatabase } from '../../../services.js'

const statements = createStatements(toTables({}))

/** In the order of the table their ids go down. */
const FILL = `insert into sessions
  ("sessionId", context, version, "writeId", data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
  select 'web:' || lpad(($1::int - n)::text, 8, '0'), 'web', 1, gen_random_uuid(), repeat('x', 100),
         now(), now(), now() + interval '2 days', 0
    from generate_series(1, $1::int) n`

interface Plan {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Relation Name'?: string
  readonly 'CTE Name'?: string
  readonly Plans?: readonly Plan[]
}

describe('a batch takes its rows in the order of its ids', () => {
  let database: FreshDatabase
  let client: Client

  beforeAll(async () => {
    database = await freshDatabase()
    client = new Client({ connectionString: database.url })
    await client.connect()
    await new PostgresLedger({ client: fromPool(client), createTables: true }).ready()
  })

  beforeEach(() => client.query('truncate sessions'))

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  for (const rows of [2, 128, 3000])
    for (const batch of [2, 128])
      for (const mode of ['force_custom_plan', 'force_generic_plan']) {
        const where = `${batch} of ${rows} rows, ${mode}`
        it(`update: ${where}`, () => takesItsRowsInOrder('update', { rows, batch, mode }))
        it(`touch: ${where}`, () => takesItsRowsInOrder('touch', { rows, batch, mode }))
      }

  async function takesItsRowsInOrder(
    name: 'update' | 'touch',
    { rows, batch, mode }: { rows: number; batch: number; mode: string },
  ): Promise<void> {
    await client.query(FILL, [rows])
    await client.query(`set plan_cache_mode = ${mode}`)
    for (const isAnalyzed of [false, true]) {
      if (isAnalyzed) await client.query('analyze sessions')
      const [outer, inner, ...others] = joinedBy(await planOf(name, batch))

      expect(outer?.['CTE Name']).toBe('input')
      expect([inner, ...relationsIn(inner)]).toContainEqual(
        expect.objectContaining({ 'Relation Name': 'sessions' }),
      )
      expect(others).toEqual([])
    }
  }

  async function planOf(name: 'update' | 'touch', size: number): Promise<Plan> {
    const params = name === 'update' ? updates(size) : touches(size)
    const types = params.map(() => 'text').join(', ')
    const literals = params.map((each) => client.escapeLiteral(String(each))).join(', ')
    await client.query(`prepare asked(${types}) as ${statements[name]}`)
    try {
      const { rows } = await client.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
        `explain (format json) execute asked(${literals})`,
      )
      return rows[0]!['QUERY PLAN'][0]!.Plan
    } finally {
      await client.query('deallocate asked')
    }
  }
})

function updates(size: number): readonly unknown[] {
  return parameters.updateParameters(
    Array.from({ length: size }, () => aChange({ base: aRecord() })).filter(parameters.isUpdate),
  )
}

function touches(size: number): readonly unknown[] {
  return parameters.touchParameters(
    Array.from({ length: size }, () => ({ id: aRecord().id, ttl: 3_600_000 })),
  )
}

/** What feeds the rows to the update: of one nested loop what it goes through, and what it looks up for each. */
function joinedBy(plan: Plan): readonly Plan[] {
  const update = [plan, ...partsOf(plan)].find((each) => each['Node Type'] === 'ModifyTable')
  expect(update?.Plans).toHaveLength(1)
  expect(update?.Plans?.[0]?.['Node Type']).toBe('Nested Loop')
  return update?.Plans?.[0]?.Plans ?? []
}

function partsOf(plan: Plan): readonly Plan[] {
  return (plan.Plans ?? []).flatMap((each) => [each, ...partsOf(each)])
}

function relationsIn(plan: Plan | undefined): readonly Plan[] {
  return plan ? partsOf(plan).filter((each) => 'Relation Name' in each) : []
}
