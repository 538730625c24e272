import { check } from '../history/checker.js'
import { toMessage } from '../history/violation.js'
import { Happenings } from './happenings.js'
import { USUAL_LIMITS } from './limits.js'
import { runScenario, type Played } from './run-scenario.js'
import type { Scenario } from './scenario.js'
import type { Servers } from './servers.js'

const USUAL_SEED = 1
const MOST_TOLD = 5
const TOLD_EVERY = 10

/** A load lasts for so long, however little a busy machine does in it: then it is played on so many seeds more. */
const MOST_MORE = 3

/** On many seeds one after the other, two cores play more of them with fewer operations at a time. */
const LIGHTER = { sessions: 6, concurrency: 2, rest: 16 }

/** What chance begins with: `CHAOS_SEED`, or always the same; and how many seeds from there on: `CHAOS_SEEDS`, or one. */
function seedsOf(env: NodeJS.ProcessEnv = process.env): number[] {
  const first = Number(env['CHAOS_SEED'] ?? USUAL_SEED)
  const count = Number(env['CHAOS_SEEDS'] ?? 1)
  if (!Number.isInteger(first)) throw new Error('CHAOS_SEED must be a whole number')
  if (!(Number.isInteger(count) && count > 0)) throw new Error('CHAOS_SEEDS must be above 0')
  return Array.from({ length: count }, (_, index) => first + index)
}

/**
 * Plays a scenario on each seed and checks what came of it. A seed that fails does not keep it from the others.
 *
 * Where too little happened on all of them together to show anything, it is played on a few seeds more.
 *
 * @throws Error where an invariant is broken on any seed, which says how to play that again; or where too little happened
 * even so.
 */
export async function play(usual: Scenario, servers: Servers): Promise<void> {
  const seeds = seedsOf()
  const scenario = seeds.length > 1 ? lighten(usual) : usual
  const failures: Error[] = []
  const happened = new Happenings(scenario.expect)
  for (const [index, seed] of seeds.entries()) {
    try {
      happened.add(await playOn(seed, scenario, servers))
    } catch (error) {
      failures.push(error as Error)
    }
    const played = index + 1
    if (played % TOLD_EVERY === 0) {
      process.stderr.write(`${played} of ${seeds.length} seeds: sessions ${scenario.name}\n`)
    }
  }
  if (failures.length > 0) throw together(failures, seeds.length)
  await playUntilEnough(scenario, { servers, happened, from: seeds.at(-1)! + 1 })
  const shortfalls = happened.shortfalls()
  if (shortfalls.length > 0)
    throw new Error([...shortfalls, toldAgain(scenario, seeds[0]!)].join('\n\n'))
}

async function playUntilEnough(
  scenario: Scenario,
  { servers, happened, from }: { servers: Servers; happened: Happenings; from: number },
): Promise<void> {
  for (let more = 0; more < MOST_MORE && happened.shortfalls().length > 0; more++) {
    happened.addMore(await playOn(from + more, scenario, servers))
  }
}

function lighten(scenario: Scenario): Scenario {
  const { load } = scenario
  return load ? { ...scenario, load: { ...LIGHTER, ...load } } : scenario
}

async function playOn(seed: number, scenario: Scenario, servers: Servers): Promise<Played> {
  try {
    const played = await runScenario(scenario, servers, seed)
    const { bounds, judged } = scenario
    const history = judged ? judged(played.history) : played.history
    const violations = check(history, { ...USUAL_LIMITS, ...bounds })
    if (violations.length > 0) {
      throw new Error(violations.slice(0, MOST_TOLD).map(toMessage).join('\n\n'))
    }
    return played
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${told}\n\n${toldAgain(scenario, seed)}`, { cause })
  }
}

function together(failures: readonly Error[], seeds: number): Error {
  const [first] = failures
  if (seeds === 1) return first!
  const told = failures.slice(0, MOST_TOLD).map(({ message }) => message)
  const summary = `${failures.length} of ${seeds} seeds failed`
  return new Error([summary, ...told].join('\n\n'), { cause: first })
}

function toldAgain({ name }: Scenario, seed: number): string {
  return `Play it again with: CHAOS_SEED=${seed} npm run test:chaos -- -t '${name}'`
}
