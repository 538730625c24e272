import type { Held, Process, World } from './engine.js'
import { settled } from './engine.js'

/** How long a cache may take by default, ms. */
export const REDIS_TIMEOUT = 50

/** What each read answers, or the name of its error, one after the other: a cache that comes back is not asked all at once. */
export async function readEach(process: Process, sessions: readonly Held[]): Promise<unknown[]> {
  const answers: unknown[] = []
  for (const { id } of sessions) {
    answers.push(await process.read(id).catch((error: unknown) => (error as Error).name))
  }
  return answers
}

/** The cache keeps its replies back for so long, ms, while all are read. */
export async function stallFor(
  ms: number,
  {
    world,
    process,
    sessions,
  }: { readonly world: World; readonly process: Process; readonly sessions: readonly Held[] },
): Promise<void> {
  const release = process.cache.chaos.hold(['read'], 1)
  const late = process.read(sessions[0]!.id).catch(() => {})
  await world.clock.advance(REDIS_TIMEOUT + 1)
  await readEach(process, sessions)
  await world.clock.advance(ms - REDIS_TIMEOUT - 1)
  release()
  await settled()
  await late
}
