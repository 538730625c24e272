import { defineConfig } from 'prisma/config'

/** The Prisma command line reads the database's address here; the stores are handed a client and never read it. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(process.env['DATABASE_URL'] === undefined
    ? {}
    : { datasource: { url: process.env['DATABASE_URL'] } }),
})
