import { openSessions, type OpenSessionsOptions, type SessionEngine } from 'holdfast'
import { PostgreSQLUserAdapter, ProductionUserManager, type User } from 'holdfast/users'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import type { UserManagerOptions } from '../../../../src/doors/users/managers/engine-user-manager.js'

/** Where a process of a site keeps its users. */
export interface SiteOptions
  extends
    Omit<OpenSessionsOptions, 'prisma'>,
    Pick<UserManagerOptions, 'maxSessionsPerUser' | 'onTooManySessions'> {
  readonly databaseUrl: string
}

/** One process of a site: a manager over its own engine and its own pool. */
export interface Site {
  readonly manager: ProductionUserManager
  readonly engine: SessionEngine
  readonly prisma: PrismaClient
  readonly users: PostgreSQLUserAdapter
  close(): Promise<void>
}

/** Opens a process of a site, as a program does that has clients of its own. */
export async function openSite(options: SiteOptions): Promise<Site> {
  const { databaseUrl, maxSessionsPerUser, onTooManySessions, ...sessionOptions } = options
  const adapter = new PrismaPg({ connectionString: databaseUrl })
  const prisma = new PrismaClient({ adapter })
  const engine = openSessions({ createTables: true, ...sessionOptions, prisma })
  const { context } = sessionOptions
  const users = new PostgreSQLUserAdapter(prisma, { context, createTables: true })
  await Promise.all([engine.ready(), users.ready()])
  const limits = { maxSessionsPerUser, onTooManySessions }
  const manager = new ProductionUserManager({ engine, users, ...limits })
  const close = async (): Promise<void> => {
    await engine.close()
    await prisma.$disconnect()
  }
  return { manager, engine, prisma, users, close }
}

let made = 0

/** A new user of this process. */
export function aUser({ manager }: Pick<Site, 'manager'>): Promise<User> {
  return manager.create({ email: `ada-${process.pid}-${++made}@example.org`, name: 'Ada' })
}

/** Who begins a session. */
export const metadata = { ip: '192.0.2.1', userAgent: 'Lynx' }
