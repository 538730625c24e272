import { check } from '../history/checker.js'
import { toMessage } from '../history/violation.js'
import { runScenario, type Played } from './run-scenario.js'
import type { Expectations, Scenario } from './scenario.js'
import type { Servers } from './servers.js'

const USUAL_SEED = 1
const MOST_TOLD = 5
const TOLD_EVERY = 10

/** What chance begins with: `CHAOS_SEED`, or always the same; and how many seeds from there on: `CHAOS_SEEDS`, or one. */
function seedsOf(env: NodeJS.ProcessEnv = process.env): number[] {
  const first = Number(env['CHAOS_SEED'] ?? USUAL_SEED)
  const count = Number(env['CHAOS_SEEDS'] ?? 1)
  if (!Number.isInteger(first)) throw new Error('CHAOS_SEED must be a whole number')
  if (!(Number.isInteger(count) && count > 0)) throw new Error('CHAOS_SEEDS must be above 0')
  return Array.from({ length: count }, (_, index) => first + index)
}

/**
 * Plays a scenario on each seed and checks what came of it.
 *
 * @throws Error where an invariant is broken, or too little happened to show anything; it says how to play it again.
 */
export async function play(scenario: Scenario, servers: Servers): Promise<void> {
  const seeds = seedsOf()
  for (const [index, seed] of seeds.entries()) {
    await playOn(seed, scenario, servers)
    const played = index + 1
    if (played % TOLD_EVERY === 0) {
      process.stderr.write(`${played} of ${seeds.length} seeds: sessions ${scenario.name}\n`)
    }
  }
}

async function playOn(seed: number, scenario: Scenario, servers: Servers): Promise<void> {
  try {
    const played = await runScenario(scenario, servers, seed)
    const { bounds, judged } = scenario
    const history = judged ? judged(played.history) : played.history
    const problems = [
      ...check(history, bounds).map(toMessage),
      ...shortfalls(played, scenario.expect),
    ]
    if (problems.length > 0) throw new Error(problems.slice(0, MOST_TOLD).join('\n\n'))
  } catch (cause) {
    const told = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`${told}\n\nPlay it again with: ${commandFor(scenario, seed)}`, { cause })
  }
}

function commandFor({ name }: Scenario, seed: number): string {
  return `CHAOS_SEED=${seed} npm run test:chaos -- -t '${name}'`
}

function shortfalls({ history, events }: Played, expected: Expectations): string[] {
  const { ok = {}, failed = 0, tiers = {}, events: leastEvents = {}, faults = {} } = expected
  const { operations } = history
  const count = (kind: string) =>
    operations.filter((each) => each.kind === kind && each.result === 'ok').length
  const answered = (tier: string) =>
    operations.filter(({ kind, seen }) => kind === 'read' && seen?.tier === tier).length
  const noted = (name: string) => history.faults.filter(({ fault }) => fault === name).length
  const failures = operations.filter(({ result }) => result !== 'ok').length
  const claims = [
    ...Object.entries(ok).map(([kind, least]) => [`${kind}s`, count(kind), least] as const),
    ['failures', failures, failed] as const,
    ...Object.entries(tiers).map(
      ([tier, least]) => [`reads by ${tier}`, answered(tier), least] as const,
    ),
    ...Object.entries(leastEvents).map(
      ([name, least]) => [name, events[name] ?? 0, least] as const,
    ),
    ...Object.entries(faults).map(
      ([name, least]) => [`times '${name}'`, noted(name), least] as const,
    ),
  ]
  return claims
    .filter(([, number, least]) => number < least)
    .map(([what, number, least]) => `Too little happened: ${number} ${what}, not ${least} at least`)
}
