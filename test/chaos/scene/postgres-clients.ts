import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { Pool } from 'pg'
import type { SessionTiers } from '../../../src/open-sessions.js'

/** Postgres as an application hands it to a store. */
export interface OpenLedgerClient<T = Pick<SessionTiers, 'pool' | 'prisma'>> {
  readonly tier: T
  end(): Promise<void>
}

/** How an application may come by its Postgres. */
export interface LedgerKind {
  readonly name: string
  open(url: string): OpenLedgerClient
}

/** A pool of `pg`, whose broken connections are nobody's crash. */
export const aPool: LedgerKind = {
  name: 'a pool',
  open(url) {
    const pool = new Pool({ connectionString: url })
    pool.on('error', () => {})
    return { tier: { pool }, end: () => pool.end() }
  },
}

/** A Prisma client over its adapter for `pg`. */
export function openPrisma(url: string): OpenLedgerClient<{ prisma: PrismaClient }> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
  return { tier: { prisma }, end: () => prisma.$disconnect() }
}

const aPrismaClient: LedgerKind = { name: 'a Prisma client', open: openPrisma }

export const ledgerKinds: readonly LedgerKind[] = [aPool, aPrismaClient]
