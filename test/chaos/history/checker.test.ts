import { describe, expect, it } from '@jest/globals'
import { check } from './checker.js'
import { createRandom } from '../../model/random.js'
import { applyEdit, toScene, type Corruption } from './corruption.js'
import { corruptionsOfContent } from './corruptions-of-content.js'
import { corruptionsOfEnds } from './corruptions-of-ends.js'
import { corruptionsOfFailures } from './corruptions-of-failures.js'
import { corruptionsOfOrder } from './corruptions-of-order.js'
import { corruptionsOfQuiet } from './corruptions-of-quiet.js'
import { toHistory } from './history.js'
import { parseLogs } from './parse-logs.js'
import { logsOf, simulateHistory, type Size } from './simulated-history.js'
import { invariants, toMessage } from './violation.js'

const SEEDS = 300
const sizes: readonly Partial<Size>[] = [
  { staleness: 0 },
  { staleness: 20 },
  { staleness: 5 },
  { staleness: 20, endsQuietly: true },
]
const CORRUPTED = 10
const corruptions = [
  ...corruptionsOfOrder,
  ...corruptionsOfQuiet,
  ...corruptionsOfContent,
  ...corruptionsOfEnds,
  ...corruptionsOfFailures,
]

describe('the checker of histories', () => {
  it('finds nothing in what a correct store did', () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const simulated = simulateHistory(seed, sizes[seed % sizes.length])
      const violations = check(parseLogs(logsOf(simulated)), simulated.bounds)
      expect({ seed, found: violations.map(toMessage) }).toEqual({ seed, found: [] })
    }
  })

  it('takes a moment for two hundred thousand operations', () => {
    const simulated = simulateHistory(1, { operations: 200_000, sessions: 5_000, staleness: 5 })
    const history = toHistory(simulated.events, simulated.killed)

    const began = performance.now()
    expect(check(history, simulated.bounds)).toHaveLength(0)
    expect(performance.now() - began).toBeLessThan(5_000)
  })

  it('needs the bounds of the scenario', () => {
    const broken = new Set<number>()
    for (let seed = 1; seed <= 20; seed++) {
      const { events, killed } = simulateHistory(seed, { staleness: 20 })
      for (const { invariant } of check(toHistory(events, killed))) broken.add(invariant)
    }
    expect([...broken].sort()).toEqual([3, 5, 7])
  })

  it.each(corruptions)('names invariant $breaks, and no other, when $name', (corruption) => {
    let corrupted = 0
    for (let seed = 1; corrupted < CORRUPTED && seed <= 2 * SEEDS; seed++) {
      const broken = brokenBy(corruption, seed)
      if (!broken) continue
      corrupted++
      expect({ seed, broken }).toEqual({ seed, broken: [corruption.breaks] })
    }
    expect(corrupted).toBe(CORRUPTED)
  })

  it('is shown at least two kinds of corruption of each invariant', () => {
    for (const invariant of Object.keys(invariants)) {
      const kinds = corruptions.filter(({ breaks }) => breaks === Number(invariant))
      expect(kinds.length).toBeGreaterThanOrEqual(2)
    }
  })
})

/**
 * The invariants that are found broken after one such corruption, somewhere; nothing where there is
 * no place for it.
 */
function brokenBy({ edits, size, bounds }: Corruption, seed: number): number[] | undefined {
  const simulated = simulateHistory(seed, { staleness: (seed % 3) * 4, ...size })
  const places = edits(toScene(simulated))
  const edit = places[createRandom(seed).below(places.length)]
  if (!edit) return undefined
  const history = toHistory(applyEdit(simulated.events, edit), simulated.killed)
  const promised = { ...simulated.bounds, ...bounds }
  return [...new Set(check(history, promised).map(({ invariant }) => invariant))]
}
