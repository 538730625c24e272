import { writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandom, type Random } from '../../model/random.js'
import type { Bounds } from '../history/bounds.js'
import { check } from '../history/checker.js'
import { linesOf, type History } from '../history/history.js'
import { toMessage } from '../history/violation.js'
import { USUAL_LIMITS } from '../scheduler/limits.js'
import { playRound } from '../scheduler/round.js'
import type { Servers } from '../scheduler/servers.js'
import type { TimedFault } from '../scheduler/scenario.js'
import { Stage } from '../scheduler/stage.js'
import { anyFaults, longOnes } from './any-faults.js'
import { shortfallsOf } from './least.js'
import { Tally } from './tally.js'

/** How a {@link soak} goes. */
export interface SoakOptions {
  readonly servers: Servers
  readonly seed: number
  readonly ms: number
  readonly log: (line: string) => void
}

const WORKERS = 3
const ROUND = 6_000

/** Whoever remembers nothing by itself has to tell those that do. */
const LACKS_NEAR = 2

/** So few that the memory is full after some rounds, and takes no more from then on. */
const MOST_NEAR = 500
const LONG_EVERY = 25
const LOOK_EVERY = 1_000
const PROGRESS_EVERY = 10_000
const MOST_TOLD = 3

/**
 * A repair takes two seconds, once both servers can be reached: a fault may keep it from that for as long as it lasts.
 * A worker that is frozen in a commit tries it again when it goes on, and may find what others made of it meanwhile.
 */
const STALENESS = 5_000

/**
 * Whoever waits for Postgres gives up after a second; a write reads first, and is tried again where others were faster.
 * A worker may be frozen for a second and more meanwhile, more than once.
 */
const LATENCY = { read: 5_000, write: 10_000, touch: 2_500, destroy: 6_000 }

/** Who is killed before it has told that Redis was not told leaves that to the lease. */
const BOUNDS: Bounds = {
  ...USUAL_LIMITS,
  staleness: STALENESS,
  settled: STALENESS,
  losesReplies: true,
  latency: LATENCY,
}

/**
 * Breaks everything at random for so long, and checks what came of it. It goes in rounds with sessions of their own: a
 * round is checked when it is quiet, and forgotten. The workers stay, and so shows what they do not let go of.
 */
export async function soak({ servers, seed, ms, log }: SoakOptions): Promise<Tally> {
  const random = createRandom(seed)
  const optionsOf = (worker: number) => ({
    ledgerTimeout: 1_000,
    near: worker === LACKS_NEAR ? false : { maxEntries: MOST_NEAR },
  })
  const stage = await Stage.open({ servers, random, workers: WORKERS, optionsOf })
  const tally = new Tally()
  const begun = performance.now()
  const stopLooking = keepLooking(stage, tally)
  const progress = setInterval(() => {
    log(`${((performance.now() - begun) / 1000).toFixed(0)} s: ${tally.progress()}`)
  }, PROGRESS_EVERY)
  try {
    for (let round = 0; performance.now() - begun < ms; round++) {
      const { ms, faults, isLong } = planOf(round, random)
      const load = { ms, names: `r${round}-s` }
      const history = await playRound(stage, { load, faults })
      const violations = violationsIn(history, isLong)
      tally.add(history, violations.length)
      if (violations.length > 0) {
        const file = await keep(history, `seed-${seed}-round-${round}`)
        log([...violations.slice(0, MOST_TOLD), `The whole round is in ${file}`].join('\n\n'))
      }
      await stage.query('truncate sessions')
    }
    return tally
  } catch (error) {
    log(`It broke off.\n${tally.summary()}`)
    throw error
  } finally {
    clearInterval(progress)
    stopLooking()
    await stage.close()
  }
}

/** In words; in a long outage there may be little that is answered. */
function violationsIn(history: History, isLong: boolean): readonly string[] {
  const broken = check(history, BOUNDS).map(toMessage)
  return isLong ? broken : [...broken, ...shortfallsOf(history)]
}

interface Plan {
  readonly ms: number
  readonly isLong: boolean
  readonly faults: readonly TimedFault[]
}

/** Every so many rounds one thing goes wrong for long, else many for a short time. */
function planOf(round: number, random: Random): Plan {
  const isLong = round % LONG_EVERY === LONG_EVERY - 1
  if (!isLong) return { ms: ROUND, isLong, faults: anyFaults(ROUND, random, WORKERS) }
  const { fault, ms } = longOnes[Math.floor(round / LONG_EVERY) % longOnes.length]!
  return { ms: ms + 2 * LOOK_EVERY, isLong, faults: [{ fault, at: LOOK_EVERY, lasts: ms }] }
}

/** Samples the first worker, which is never killed. */
function keepLooking(stage: Stage, tally: Tally): () => void {
  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    stage.workers[0]!.process.sample()
      .then((sample) => tally.look(sample))
      .catch(() => {})
      .finally(() => (isLooking = false))
  }, LOOK_EVERY)
  return () => clearInterval(timer)
}

/** Writes down a round that shows a violation. */
async function keep({ operations, faults }: History, name: string): Promise<string> {
  const file = join(tmpdir(), `holdfast-soak-${name}.jsonl`)
  const lines = [...faults.map((fault) => JSON.stringify(fault)), ...operations.map(linesOf)]
  await writeFile(file, `${lines.join('\n')}\n`)
  return file
}
