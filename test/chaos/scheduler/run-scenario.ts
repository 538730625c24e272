import { createRandom } from '../../model/random.js'
import type { History } from '../history/history.js'
import type { WorkerOptions } from '../worker/commands.js'
import { playRound } from './round.js'
import type { Scenario } from './scenario.js'
import type { Servers } from './servers.js'
import { Stage } from './stage.js'

/** What came of a scenario. */
export interface Played {
  readonly history: History

  /** How often each event of the engines came, over all workers. */
  readonly events: Readonly<Record<string, number>>
}

/** How long workers wait for a Postgres that may be broken; and for one that is only busy. ms. */
const BROKEN = 1_000
const BUSY = 10_000

/** Plays a scenario on a stage of its own: {@link playRound}. */
export async function runScenario(
  scenario: Scenario,
  servers: Servers,
  seed: number,
): Promise<Played> {
  const random = createRandom(seed)
  const { workers = 2, options = () => ({}), bounds } = scenario
  const ledgerTimeout = bounds?.nothingFails ? BUSY : BROKEN
  const optionsOf = (worker: number): Partial<WorkerOptions> => ({
    ledgerTimeout,
    ...options(worker),
  })
  const stage = await Stage.open({ servers, random, workers, optionsOf })
  try {
    const history = await playRound(stage, scenario, optionsOf(0).encryption)
    return { history, events: sumOf(stage.counts.values()) }
  } finally {
    await stage.close()
  }
}

function sumOf(counts: Iterable<Played['events']>): Played['events'] {
  const sum: Record<string, number> = {}
  for (const each of counts) {
    for (const [name, count] of Object.entries(each)) sum[name] = (sum[name] ?? 0) + count
  }
  return sum
}
