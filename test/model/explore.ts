import type { Actor } from './actors.js'
import { allGuards } from './guards.js'
import type { Guards } from './guards.js'
import type { Violation } from './history.js'
import { checkSettled } from './invariants.js'
import { createRandom } from './random.js'
import { read } from './read-path.js'
import type { Scenario } from './scenarios.js'
import type { Steps, Trace } from './schedule.js'
import { FILL_LIFE, LEASE } from './times.js'
import { applyRepairs } from './upkeep.js'
import { World } from './world.js'

/** How many schedules to try, of which protocol, and what is enough. */
export interface Exploration {
  readonly schedules: number
  readonly guards?: Guards
  /** Ends the exploration once this invariant was broken. */
  readonly until?: Violation['invariant']
}

/** A way in which the protocol was broken, and the schedule to replay. */
export interface Finding extends Violation {
  readonly schedules: number
  readonly firstSeed: number
}

/** What an exploration came to. */
export interface Report {
  readonly schedules: number
  readonly acknowledged: number
  readonly findings: readonly Finding[]
}

/** More steps than any schedule takes that comes to an end. */
const TOO_MANY_STEPS = 5_000

/** The probability that the cache holds the session when a schedule begins. */
const WARM = 0.7

/** Runs a scenario on the seeds 1, 2, 3 and so on, and gathers every violation. */
export function explore(scenario: Scenario, exploration: Exploration): Report {
  const findings = new Map<string, Finding>()
  let acknowledged = 0
  let seed = 0
  while (seed < exploration.schedules) {
    seed += 1
    const { history } = runSchedule(scenario, seed, { guards: exploration.guards })
    acknowledged += history.acknowledgements
    gather(findings, history.violations, seed)
    if (history.violations.some(({ invariant }) => invariant === exploration.until)) break
  }
  return { schedules: seed, acknowledged, findings: [...findings.values()] }
}

/** Nothing where nothing was found; else every finding with its seed, and the steps of the first one. */
export function explain(scenario: Scenario, { findings }: Report, guards?: Guards): string {
  const [first] = findings
  if (!first) return ''
  const lines = findings.map(
    ({ invariant, what, schedules, firstSeed }) =>
      `${invariant}: ${what}, in ${schedules} schedules, the first with seed ${firstSeed}`,
  )
  return [...lines, `seed ${first.firstSeed}:`, ...replay(scenario, first.firstSeed, guards)].join(
    '\n',
  )
}

function replay(scenario: Scenario, seed: number, guards?: Guards): string[] {
  const lines: string[] = []
  const trace: Trace = (who, step) => lines.push(`  ${who} ${step}`)
  const { history } = runSchedule(scenario, seed, { guards, trace })
  return [...lines, ...history.violations.map(({ invariant, what }) => `  ${invariant}: ${what}`)]
}

function runSchedule(
  scenario: Scenario,
  seed: number,
  { guards = allGuards, trace }: { guards?: Guards | undefined; trace?: Trace },
): World {
  const world = new World(createRandom(seed), guards, trace)
  begin(world, scenario)
  for (const actor of scenario.cast) enter(world, actor)
  for (let steps = 0; !world.schedule.isOver; steps += 1) {
    if (steps === TOO_MANY_STEPS) {
      world.history.broken('progress', 'a schedule did not come to an end')
      return world
    }
    world.now += 1
    world.schedule.advance()
    world.history.noteFloor(world.now)
  }
  settle(world)
  return world
}

/** The session as it is when the schedule begins: committed, and perhaps in the cache. */
function begin(world: World, { starts }: Scenario): void {
  const { cache, history, ledger, random } = world
  if (starts === 'nowhere') return
  const row = ledger.write({
    base: { version: 0, writeId: undefined },
    above: 0,
    writeId: 'the first',
    content: { base: 0 },
    notesRepair: false,
  })
  history.floor = 1
  const isCold = starts === 'uncached' || (starts === 'committed' && !random.chance(WARM))
  if (!row || isCold) return
  const fill = world.nextNumber()
  cache.reserve(fill, cache.run)
  cache.put({ record: row, mode: { fill }, run: cache.run })
  if (starts === 'due') world.now += LEASE + 1
}

function enter(world: World, actor: Actor): void {
  world.start(actor.name, actor.plays(world.openProcess(actor)), actor)
}

/** Everything has come to rest: the repairs are applied, the leases end, and the session is read once more. */
function settle(world: World): void {
  const process = world.openProcess()
  world.ledger.isDown = false
  finish(applyRepairs(process))
  finish(read(process))
  world.now += LEASE + FILL_LIFE + 1
  finish(read(process))
  const answer = finish(read(process))
  const row = world.ledger.read()
  checkSettled(world.history, row && world.ledger.isLive(row) ? row : undefined, answer)
}

function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}

function gather(findings: Map<string, Finding>, violations: readonly Violation[], seed: number) {
  const kinds = new Map(violations.map((violation) => [violation.what, violation]))
  for (const [what, violation] of kinds) {
    const known = findings.get(what) ?? { ...violation, schedules: 0, firstSeed: seed }
    findings.set(what, { ...known, schedules: known.schedules + 1 })
  }
}
