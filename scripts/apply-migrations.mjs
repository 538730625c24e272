import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { execPath } from 'node:process'
import pg from 'pg'
import { fail } from './database.mjs'

/*
 * Applies the migrations of this package as its stores do with `createTables`: without Prisma's engine, and in
 * Prisma's history.
 */

/** Applies what is missing, and names it. */
export async function applyMigrations({ settings, text }) {
  const built = spawnSync(execPath, [join(import.meta.dirname, 'build.mjs')], { stdio: 'inherit' })
  if (built.status !== 0) fail('The package could not be built')
  const { openSessions } = await import('../dist/index.js')
  const { PostgreSQLUserAdapter } = await import('../dist/users.js')

  const pool = new pg.Pool({ ...settings, connectionTimeoutMillis: 10_000 })
  pool.on('error', () => {})
  try {
    const before = await appliedTo(pool)
    const engine = openSessions({ pool, createTables: true, sweepEvery: false })
    try {
      await engine.ready()
    } finally {
      await engine.close()
    }
    await new PostgreSQLUserAdapter(pool, { createTables: true, timeout: '1m' }).ready()
    return (await appliedTo(pool)).filter((name) => !before.includes(name))
  } catch (error) {
    const { message, code } = error.cause ?? error
    return fail(`The migrations could not be applied to ${text}: ${message || code}`)
  } finally {
    await pool.end()
  }
}

async function appliedTo(pool) {
  const { rows } = await pool.query(
    `select to_regclass('"_prisma_migrations"') is not null as held`,
  )
  if (!rows[0].held) return []
  const applied = await pool.query(
    'select migration_name as name from "_prisma_migrations" where finished_at is not null and rolled_back_at is null',
  )
  return applied.rows.map(({ name }) => name)
}
