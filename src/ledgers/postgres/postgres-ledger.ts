import { systemClock } from '../../core/clock.js'
import { checkContext } from '../../core/options.js'
import type {
  Change,
  CommitOutcome,
  LedgerStats,
  ListQuery,
  NotedRepair,
  Repair,
  Revocation,
  SessionLedger,
  SweepBatch,
  Touch,
  Touched,
} from '../../core/ledger.js'
import type { Live, SessionRecord, SessionSummary, Tombstone } from '../../core/record.js'
import type { Context, SessionId } from '../../core/session-id.js'
import { toSessionId } from '../../core/session-id.js'
import { numberIn, optionalTextIn, textIn } from '../../drivers/postgres/columns.js'
import { commitChanges } from './commit.js'
import { Database } from './database.js'
import { ExpiredRows } from './expired-rows.js'
import { isDefaultPlace, toTables } from '../../drivers/postgres/identifiers.js'
import { createMigration } from '../../drivers/postgres/migrator.js'
import type { PostgresLedgerOptions } from './options.js'
import * as parameters from './parameters.js'
import type { Update } from './parameters.js'
import { isPackableId, pack, unpackRows } from './packed.js'
import { entriesOf, toTouched, toUpdated } from './packed-records.js'

import type { Row, SqlValue } from '../../drivers/postgres/sql-client.js'
import { toRecord, toSummary } from './rows.js'
import type { Statements } from './statements.js'
import { createStatements } from './statements.js'

/**
 * Sessions in Postgres. Each call is one statement, and so one transaction; only a commit may need
 * a second.
 */
export class PostgresLedger implements SessionLedger {
  readonly name = 'postgres'
  readonly #options: PostgresLedgerOptions
  readonly #context: Context
  readonly #statements: Statements
  readonly #database: Database
  readonly #expired: ExpiredRows
  #tables: Promise<unknown> | undefined

  /** @throws InvalidOptionError */
  constructor(options: PostgresLedgerOptions) {
    const { client, context = 'web', clock = systemClock } = options
    checkContext(context)
    const tables = toTables(options)
    this.#options = options
    this.#context = context
    this.#statements = createStatements(tables)
    this.#expired = new ExpiredRows({
      statements: this.#statements,
      run: (text, params) => this.#run(text, params),
    })
    this.#database = new Database({
      client,
      clock,
      table: tables.sessions,
      remedy: `${isDefaultPlace(options) ? 'run prisma migrate deploy, or ' : ''}pass createTables: true`,
    })
  }

  now(): number {
    return this.#database.now()
  }

  /** @throws MigrationRequiredError where the tables are missing, and `createTables` is off. */
  async ready(): Promise<void> {
    await this.#run(this.#statements.check, [])
  }

  async read(ids: readonly SessionId[]): Promise<ReadonlyMap<SessionId, Live | Tombstone>> {
    if (ids.length === 0) return new Map()
    const { read, readRows } = this.#statements
    if (ids.every(isPackableId)) {
      const [row = {}] = await this.#run(read, [pack(ids), this.#context])
      if (row['packable'] !== false) return entriesOf(ids, unpackRows(row['packed'], 7))
    }
    const rows = await this.#run(readRows, [ids, this.#context])
    return byId(rows, (each) =>
      each['revoked'] === true
        ? { kind: 'tombstone', version: numberIn(each, 'version') }
        : { kind: 'live', record: toRecord(each, writtenIn(each)) },
    )
  }

  commit(changes: readonly Change[]): Promise<readonly CommitOutcome[]> {
    return commitChanges(changes, {
      write: (pending) => this.#write(pending),
      read: (ids) => this.read(ids),
    })
  }

  #write(changes: readonly Change[]): Promise<ReadonlyMap<SessionId, SessionRecord>> {
    return changes.every(parameters.isUpdate) ? this.#update(changes) : this.#commit(changes)
  }

  async #update(updates: readonly Update[]): Promise<ReadonlyMap<SessionId, SessionRecord>> {
    const { update, updateLarge, updateOne } = this.#statements
    const [first, ...others] = updates
    if (first && others.length === 0) {
      const [row] = await this.#run(updateOne, parameters.updateOneParameters(first))
      return new Map(row && [[first.id, toUpdated(first, row['expires_at'], row['absolute_at'])]])
    }
    const text = this.#database.isLarge ? updateLarge : update
    const [row = {}] = await this.#run(text, parameters.updateParameters(updates))
    const times = new Map(unpackRows(row['packed'], 3).map((each) => [each[0], each]))
    const updated = new Map<SessionId, SessionRecord>()
    for (const each of updates) {
      const [id, expiresAt, absoluteExpiresAt] = times.get(each.id) ?? []
      if (id !== undefined) updated.set(each.id, toUpdated(each, expiresAt, absoluteExpiresAt))
    }
    return updated
  }

  async #commit(changes: readonly Change[]): Promise<ReadonlyMap<SessionId, SessionRecord>> {
    const byChange = new Map(changes.map((change) => [change.id, change]))
    const params = parameters.commitParameters(this.#context, changes)
    return byId(await this.#run(this.#statements.commit, params), (row, id) =>
      toRecord(row, byChange.get(id) ?? writtenIn(row)),
    )
  }

  async touch(touches: readonly Touch[]): Promise<ReadonlyMap<SessionId, Touched>> {
    if (touches.length === 0) return new Map()
    const params = parameters.touchParameters(touches)
    const { touch, touchLarge } = this.#statements
    const [row = {}] = await this.#run(this.#database.isLarge ? touchLarge : touch, params)
    return new Map(unpackRows(row['packed'], 4).map(toTouched))
  }

  async revoke(revocations: readonly Revocation[]): Promise<ReadonlySet<SessionId>> {
    if (revocations.length === 0) return new Set()
    const params = parameters.revokeParameters(this.#context, revocations)
    const ended = await this.#run(this.#statements.revoke, params)
    return new Set(ended.map(idIn))
  }

  async list(query: ListQuery): Promise<readonly SessionSummary[]> {
    const { list, listOfUser } = this.#statements
    const text = query.userId === undefined ? list : listOfUser
    const rows = await this.#run(text, parameters.listParameters(this.#context, query))
    return rows.map((row) => toSummary(row, this.#context))
  }

  async stats(): Promise<LedgerStats> {
    const [row = {}] = await this.#run(this.#statements.stats, [this.#context])
    return {
      active: numberIn(row, 'active'),
      expired: numberIn(row, 'expired'),
      revoked: numberIn(row, 'revoked'),
      users: numberIn(row, 'users'),
    }
  }

  sweep(limit: number): Promise<SweepBatch> {
    return this.#expired.remove(limit)
  }

  async noteRepairs(repairs: readonly Repair[]): Promise<void> {
    if (repairs.length === 0) return
    const params = parameters.noteParameters(this.#context, repairs)
    await this.#run(this.#statements.noteRepairs, params)
  }

  async pendingRepairs(limit: number): Promise<readonly NotedRepair[]> {
    const rows = await this.#run(this.#statements.pendingRepairs, [this.#context, limit])
    return rows.map((row) => ({
      id: idIn(row),
      version: numberIn(row, 'version'),
      notedAt: numberIn(row, 'noted_at'),
    }))
  }

  async settleRepairs(repairs: readonly NotedRepair[]): Promise<void> {
    if (repairs.length === 0) return
    await this.#run(this.#statements.settleRepairs, parameters.settleParameters(repairs))
  }

  async close(): Promise<void> {
    await this.#options.client.close?.()
  }

  async #run(text: string, params: readonly SqlValue[]): Promise<readonly Row[]> {
    if (this.#options.createTables === true) await this.#createTables()
    return this.#database.run(text, params)
  }

  /** One attempt is shared by all who wait; where it failed, the next call makes another. */
  #createTables(): Promise<unknown> {
    this.#tables ??= this.#migrate().catch((error: unknown) => {
      this.#tables = undefined
      throw error
    })
    return this.#tables
  }

  async #migrate(): Promise<void> {
    await this.#database.run(createMigration(this.#options), [])
  }
}

function idIn(row: Row): SessionId {
  return toSessionId(textIn(row, 'id'))
}

/** Rows by their ids; where nothing was found, the one row tells nothing but the time. */
function byId<T>(
  rows: readonly Row[],
  toValue: (row: Row, id: SessionId) => T,
): ReadonlyMap<SessionId, T> {
  const found = rows.filter((row) => row['id'] !== null)
  return new Map(found.map((row) => [idIn(row), toValue(row, idIn(row))]))
}

function writtenIn(row: Row): Pick<SessionRecord, 'writeId' | 'data'> {
  return { writeId: optionalTextIn(row, 'write_id') ?? '', data: textIn(row, 'data') }
}
