import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'
import { openSessions } from 'holdfast'
import { PostgreSQLUserAdapter } from 'holdfast/users'

/** Makes the tables of sessions and users, as whoever deploys does before production starts. */
export async function applyMigrations(databaseUrl: string): Promise<void> {
  const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString: databaseUrl }) })
  const engine = openSessions({ prisma, createTables: true })
  const users = new PostgreSQLUserAdapter(prisma, { createTables: true })
  await Promise.all([engine.ready(), users.ready()])
  await engine.close()
  await prisma.$disconnect()
}
