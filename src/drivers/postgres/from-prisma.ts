import type { Row, SqlClient } from './sql-client.js'
import { nameOf } from './statement-names.js'

/**
 * The part of a Prisma client that is used; plain and extended clients of Prisma 5, 6 and 7 have
 * it.
 */
export interface PrismaLike {
  $queryRawUnsafe(text: string, ...params: unknown[]): PromiseLike<unknown>
}

/** Runs statements through a Prisma client, which stays its owner's to close. */
export function fromPrisma(client: PrismaLike): SqlClient {
  return {
    async query(text, params, { isPreparable = false } = {}) {
      // For a `statementNameGenerator` that is asked next.
      if (isPreparable) nameOf(text)
      const rows = await client.$queryRawUnsafe(text, ...params)
      return rows as readonly Row[]
    },
  }
}
