import { PrismaSessionStore } from 'holdfast/express'
import { statementNameGenerator } from 'holdfast'
import { Client } from 'pg'
import type { Place } from '../contest/contender.ts'
import { quantile } from '../contest/quantile.ts'
import { openPrisma } from '../contestants/prisma-client.ts'
import { sampleId } from '../contestants/sample-session.ts'
import { answer, argument } from './run-program.ts'

/* Deletes what has expired while sessions are read, by a sweep or by one statement. */

/** What {@link runProgram} gives for this one. */
export interface SweepResult {
  readonly rowsPerSecond: number

  /** p99 of reads while nothing was deleted, and meanwhile, ms. */
  readonly quiet: number
  readonly meanwhile: number
}

const READERS = 8
const QUIET = 5_000

const { place, isNaive } = argument() as {
  readonly place: Place
  readonly isNaive: boolean
}
const prisma = openPrisma(place, { statementNameGenerator })
const store = new PrismaSessionStore(prisma, { sweepEvery: false })
await store.ready()
const client = new Client({ connectionString: place.postgresUrl })
await client.connect()

/** The p99 of reads for as long as it takes, ms. */
async function readWhile(work: Promise<unknown>): Promise<number> {
  let isOver = false
  const over = (): void => {
    isOver = true
  }
  work.then(over, over)
  const latencies: number[] = []
  let turn = 0
  const read = async (): Promise<void> => {
    while (!isOver) {
      const start = performance.now()
      const session = await store.get(sampleId(turn++ % place.sessions))
      if (!session) throw new Error('A session is lost')
      latencies.push(performance.now() - start)
    }
  }
  await Promise.all(Array.from({ length: READERS }, read))
  return quantile(latencies, 0.99)
}

async function removeExpired(): Promise<number> {
  if (!isNaive) return (await store.sweep()).removed
  const text = `delete from sessions where "expiresAt" <= timezone('utc', now())`
  return (await client.query(text)).rowCount ?? 0
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, QUIET))
await readWhile(pause())
const quiet = await readWhile(pause())
const start = performance.now()
const removing = removeExpired()
const meanwhile = await readWhile(removing)
const rowsPerSecond = (await removing) / ((performance.now() - start) / 1_000)
await store.close()
await Promise.all([client.end(), prisma.$disconnect()])
answer({ rowsPerSecond, quiet, meanwhile } satisfies SweepResult)
