import { createRequire } from 'node:module'
import { PrismaPg } from '@prisma/adapter-pg'
import type { PrismaClient } from '@prisma/client'
import type { Place } from '../contest/contender.ts'

/**
 * A Prisma 7 client as Prisma's documentation has it: over its `pg` adapter, with the pool that this makes.
 *
 * @param options - the adapter's own, as a contestant's README advises them.
 */
export function openPrisma(
  { prismaFolder, postgresUrl }: Place,
  options: ConstructorParameters<typeof PrismaPg>[1] = {},
): PrismaClient {
  const generated = createRequire(import.meta.url)(prismaFolder) as {
    readonly PrismaClient: typeof PrismaClient
  }
  return new generated.PrismaClient({
    adapter: new PrismaPg({ connectionString: postgresUrl }, options),
  })
}
