import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { Client } from 'pg'
import { toTables } from '../../../../src/drivers/postgres/identifiers.js'
import * as parameters from '../../../../src/ledgers/postgres/parameters.js'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { fromPool } from '../../../../src/drivers/postgres/from-pool.js'
import { createStatements } from '../../../../src/ledgers/postgres/statements.js'
import type { SqlClient } from '../../../../src/drivers/postgres/sql-client.js'
import { aChange, aRecord } from '../../../../src/testing/fixtures.js'
import { freshDatabase, type FreshDatabase } from '../../../services.js'

const statements = createStatements(toTables({}))

/** In the order of the table their ids go down. */
const FILL = `insert into sessions
  ("sessionId", context, version, "writeId", data, "createdAt", "updatedAt", "expiresAt", "expiryHour")
  select 'web:' || lpad(($1::int - n)::text, 8, '0'), 'web', 1, gen_random_uuid(), repeat('x', 1000),
         now(), now(), now() + interval '2 days', 0
    from generate_series(1, $1::int) n`

type Name = 'updateLarge' | 'touchLarge'

interface Plan {
  readonly 'Node Type': string
  readonly 'Parent Relationship'?: string
  readonly 'Relation Name'?: string
  readonly 'CTE Name'?: string
  readonly Plans?: readonly Plan[]
}

/** What Postgres may believe of a table. */
const beliefs = {
  nothing: [],
  'what is true': ['analyze sessions'],
  'that all of it has expired': [
    `update sessions set "expiresAt" = "expiresAt" - interval '9 days'`,
    'analyze sessions',
    `update sessions set "expiresAt" = "expiresAt" + interval '9 days'`,
  ],
} as const
type Belief = keyof typeof beliefs

describe('a batch takes its rows in the order of its ids', () => {
  let database: FreshDatabase
  let client: Client
  let ledger: PostgresLedger
  let texts: string[] = []

  beforeAll(async () => {
    database = await freshDatabase()
    client = new Client({ connectionString: database.url })
    await client.connect()
    ledger = new PostgresLedger({ client: noting(fromPool(client)), createTables: true })
    await ledger.ready()
  })

  beforeEach(async () => {
    texts = []
    await client.query('truncate sessions')
  })

  afterAll(async () => {
    await client.end()
    await database.drop()
  })

  describe.each([1500, 6000])('in a large table, of %i rows', (rows) => {
    for (const belief of Object.keys(beliefs) as Belief[])
      for (const batch of [2, 128, 1000]) {
        const where = `${batch} at once, of which Postgres believes ${belief}`
        it(`updates ${where}`, () => takesItsRowsInOrder('updateLarge', { rows, batch, belief }))
        it(`touches ${where}`, () => takesItsRowsInOrder('touchLarge', { rows, batch, belief }))
      }
  })

  it('locks them first while the table is small, or was emptied and analyzed', async () => {
    await ledger.ready()
    expect(await locksFirst()).toBe(true)

    await client.query(FILL, [1500])
    await client.query('analyze sessions')
    await ledger.ready()
    expect(await locksFirst()).toBe(false)

    await client.query(`delete from sessions where "sessionId" <> 'web:00000000'`)
    await client.query('vacuum analyze sessions')
    await ledger.sweep(10)
    expect(await locksFirst()).toBe(true)
  })

  /** Whether both an update and a touch do. */
  async function locksFirst(): Promise<boolean> {
    texts = []
    await ledger.commit([aChange({ base: aRecord() }), aChange({ base: aRecord() })])
    await ledger.touch([{ id: aRecord().id, ttl: 1 }])
    const changing = texts.filter((text) => text.includes('update "sessions"'))
    const locking = changing.filter((text) => text.includes('for no key update'))
    expect(changing).toHaveLength(2)
    expect([0, 2]).toContain(locking.length)
    return locking.length > 0
  }

  function noting({ query }: SqlClient): SqlClient {
    return {
      query: (text, params, options) => {
        texts.push(text)
        return query(text, params, options)
      },
    }
  }

  async function takesItsRowsInOrder(
    name: Name,
    { rows, batch, belief }: { rows: number; batch: number; belief: Belief },
  ): Promise<void> {
    await client.query(FILL, [rows])
    for (const text of beliefs[belief]) await client.query(text)
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await client.query(`set plan_cache_mode = ${mode}`)
      const [outer, inner, ...others] = joinedBy(await planOf(name, batch))

      expect(outer?.['CTE Name']).toBe('input')
      expect([inner, ...relationsIn(inner)]).toContainEqual(
        expect.objectContaining({ 'Relation Name': 'sessions' }),
      )
      expect(others).toEqual([])
    }
  }

  async function planOf(name: Name, size: number): Promise<Plan> {
    const params = name === 'updateLarge' ? updates(size) : touches(size)
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
