import { randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import { openSessions, type OpenSessionsOptions, type SessionEngine } from 'holdfast'
import {
  SessionManager,
  type DirectoryUser,
  type Issued,
  type Result,
  type SessionManagerOptions,
} from 'holdfast/tokens'

/** The same in all processes of a test. */
export const signing = {
  keys: { now: 'kJ8vQm2ZxT5rW9bN3cF7hL1pS6dG4yA0uE' },
  current: 'now',
}

/** Users whom a test changes as it likes. */
export class Users {
  user: DirectoryUser | null = { role: 'USER' }

  async findById(): Promise<DirectoryUser | null> {
    return this.user
  }
}

/** A manager over memory, or over servers. */
export interface TokenSite {
  readonly engine: SessionEngine
  readonly manager: SessionManager
  readonly users: Users
  close(): Promise<void>
}

interface Place extends Omit<OpenSessionsOptions, 'pool'> {
  readonly databaseUrl?: string | undefined
}

/** Opens a site; without a database it is in memory. */
export async function openTokenSite(
  { databaseUrl, ...place }: Place,
  options: SessionManagerOptions = {},
): Promise<TokenSite> {
  const pool = databaseUrl === undefined ? undefined : new Pool({ connectionString: databaseUrl })
  pool?.on('error', () => undefined)
  const tiers = pool ? { pool, createTables: true } : { ledger: 'memory' as const }
  const engine = openSessions({ sweepEvery: false, ...tiers, ...place })
  const users = new Users()
  const roles = { USER: ['read:users'], ADMIN: ['read:users', 'delete:users'] } as const
  const manager = new SessionManager({ engine, signing, users, roles, ...options })
  await manager.ready()
  const close = async (): Promise<void> => {
    await manager.close()
    await engine.close()
    await pool?.end()
  }
  return { engine, manager, users, close }
}

/** What a result that went well holds. */
export function valueOf<Value extends object>(result: Result<Value>): Value {
  if (result.success) return result
  throw result.error
}

/** Why it did not go well; `'success'` where it did. */
export function reasonOf(result: Result<object>): string {
  return result.success ? 'success' : result.error.reason
}

/** Logs a user in. */
export async function logIn(
  { manager }: Pick<TokenSite, 'manager'>,
  userId: string = randomUUID(),
): Promise<Issued> {
  return valueOf(await manager.createSession(userId, randomUUID(), 'phone', '192.0.2.1'))
}
