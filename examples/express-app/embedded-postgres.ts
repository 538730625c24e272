import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { PrismaClient } from '@prisma/client'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import type { Database } from './storage.js'
import { StartError } from './start-error.js'

/** A Postgres inside this process, in a folder of its own: for a machine that has no server. */
export async function openEmbeddedPostgres(dataFolder: string): Promise<Database> {
  mkdirSync(dataFolder, { recursive: true })
  const unlock = lock(dataFolder)
  const pglite = await PGlite.create(join(dataFolder, 'postgres'))
  const prisma = new PrismaClient({ adapter: new PrismaPGlite(pglite) })
  return {
    prisma,
    name: `embedded Postgres (PGlite), in ${relative('', dataFolder)}`,
    async close() {
      await prisma.$disconnect()
      await pglite.close()
      unlock()
    },
  }
}

/** Two processes in one folder would ruin it, and PGlite itself does not look. */
function lock(dataFolder: string): () => void {
  const path = join(dataFolder, 'in-use')
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    const owner = Number(readFileSync(path, 'utf8'))
    if (owner !== process.pid && isRunning(owner)) {
      throw new StartError(
        `The data folder ${dataFolder} is used by process ${owner}: stop that, or set DATA_DIR or DATABASE_URL`,
      )
    }
    writeFileSync(path, String(process.pid))
  }
  return () => rmSync(path, { force: true })
}

function isRunning(pid: number): boolean {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
