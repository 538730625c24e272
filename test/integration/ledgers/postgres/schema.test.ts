import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { PostgresLedger } from '../../../../src/ledgers/postgres/postgres-ledger.js'
import { connectPool } from './pool.js'
import type { Connection } from './pool.js'

const schema = readFileSync('prisma/schema.prisma', 'utf8')

describe.each(['sessions', 'session_repairs'])(
  'the table %s that the migration creates',
  (table) => {
    let connection: Connection

    beforeAll(async () => {
      connection = await connectPool()
      await new PostgresLedger({ client: connection.client, createTables: true }).ready()
    })

    afterAll(() => connection.end())

    it('has the columns of the Prisma model, in its order', async () => {
      const rows = await connection.client.query(
        `select attname as name, format_type(atttypid, atttypmod) as type, not attnotnull as optional,
              atthasdef as "hasDefault"
         from pg_attribute where attrelid = $1::text::regclass and attnum > 0 order by attnum`,
        [table],
      )

      expect(rows).toEqual(columnsOf(modelOf(table)))
    })

    it('has the indexes of the Prisma model, under the names that Prisma gives them', async () => {
      const rows = await connection.client.query(
        `select c.relname as name, a.attname as column from pg_index i
         join pg_class c on c.oid = i.indexrelid
         join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
        where i.indrelid = $1::text::regclass order by 1`,
        [table],
      )

      expect(rows).toEqual(indexesOf(modelOf(table), table))
    })
  },
)

describe('the table sessions', () => {
  it('has what makes touches cheap, which Prisma has no words for', async () => {
    const { client, end } = await connectPool()
    try {
      await new PostgresLedger({ client, createTables: true }).ready()
      const [row] = await client.query(
        `select reloptions,
                (select pg_get_expr(indpred, indrelid) from pg_index
                  where indexrelid = '"sessions_userId_idx"'::regclass) as predicate,
                (select collation_name from information_schema.columns
                  where table_name = 'sessions' and column_name = 'sessionId') as collation
           from pg_class where oid = 'sessions'::regclass`,
        [],
      )
      expect(row).toEqual({
        reloptions: ['fillfactor=80', 'autovacuum_vacuum_scale_factor=0.02'],
        predicate: '(("revokedAt" IS NULL) AND ("userId" IS NOT NULL))',
        collation: 'C',
      })
    } finally {
      await end()
    }
  })
})

function modelOf(table: string): string {
  const models = schema.split(/^(?=model )/m).filter((text) => text.startsWith('model '))
  const model = models.find((text) => text.includes(`@@map("${table}")`))
  if (model === undefined) throw new Error(`schema.prisma has no model for ${table}`)
  return model
}

/** The columns that Prisma would create for a model: `name Type? @attributes`, a line each. */
function columnsOf(model: string) {
  return [...model.matchAll(/^ {2}(\w+) +(\w+)(\?)?(.*)$/gm)].map(
    ([, name = '', type = '', optional, attributes = '']) => ({
      name,
      type: columnTypes[/@db\.[\w()]+/.exec(attributes)?.[0] ?? type],
      optional: optional === '?',
      hasDefault: attributes.includes('@default'),
    }),
  )
}

const columnTypes: Readonly<Record<string, string>> = {
  String: 'text',
  Int: 'integer',
  '@db.Uuid': 'uuid',
  '@db.Timestamp(3)': 'timestamp(3) without time zone',
}

function indexesOf(model: string, table: string) {
  const id = /^ {2}(\w+) .*@id/m.exec(model)?.[1] ?? ''
  const others = [...model.matchAll(/@@index\(\[(\w+)\]\)/g)].map(([, column = '']) => column)
  return [
    ...others.map((column) => ({ name: `${table}_${column}_idx`, column })),
    { name: `${table}_pkey`, column: id },
  ].sort((a, b) => (a.name < b.name ? -1 : 1))
}
