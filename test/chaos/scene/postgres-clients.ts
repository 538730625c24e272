import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { Pool } from 'pg'
import type { SessionTiers } from '../../../src/open-sessions.js'

/** Postgres as an application hands it to a store. */
export interface OpenLedgerClient {
  readonly tier: Pick<SessionTiers, 'pool' | 'prisma'>
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

const aPrismaClient: LedgerKind = {
  name: 'a Prisma client',
  open(url) {
    const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) })
    return { tier: { prisma }, end: () => prisma.$disconnect() }
  },
}

export const ledgerKinds: readonly LedgerKind[] = [aPool, aPrismaClient]
