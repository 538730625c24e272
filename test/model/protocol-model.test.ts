import { describe, expect, it } from '@jest/globals'

import { explain, explore } from './explore.js'
import { allGuards } from './guards.js'
import type { Guards } from './guards.js'
import { mutations } from './mutations.js'
import { scenarios } from './scenarios.js'

const schedules = Number(process.env['MODEL_SCHEDULES'] ?? 2_000)

function withoutGuards(names: readonly (keyof Guards)[]): Guards {
  return { ...allGuards, ...Object.fromEntries(names.map((name) => [name, false])) }
}

describe('the protocol', () => {
  it.each(Object.values(scenarios))('keeps every invariant under $name', (scenario) => {
    const report = explore(scenario, { schedules })

    expect(explain(scenario, report)).toBe('')
    expect(report.acknowledged).toBeGreaterThan(0)
  })
})

describe('the protocol without a guard', () => {
  it.each(mutations)('breaks $breaks when $name', ({ without, foundBy, breaks }) => {
    const exploration = { schedules, guards: withoutGuards(without), until: breaks }

    const { findings } = explore(scenarios[foundBy], exploration)

    expect(findings.map(({ invariant }) => invariant)).toContain(breaks)
  })

  it('has a mutation for every guard', () => {
    const taken = new Set(mutations.flatMap(({ without }) => without))
    const spared = ['touchDropsTheDoubtful']

    expect([...taken, ...spared].sort()).toEqual(Object.keys(allGuards).sort())
  })

  it.each([
    ['the order of the checks, while a tombstone forgets the write', 'tombstoneBeforeWriteId'],
    ['the forgetting, while the tombstone is checked first', 'tombstoneForgetsWriteId'],
    ['the forget after a failed put, while repairs are noted', 'failedPutForgets'],
    ['the end of a doubtful record by a touch, while no read believes it', 'touchDropsTheDoubtful'],
  ] as const)('can spare %s', (_, guard) => {
    const guards = withoutGuards([guard])

    const explanations = Object.values(scenarios).map((scenario) =>
      explain(scenario, explore(scenario, { schedules: schedules / 16, guards })),
    )

    expect(explanations.join('')).toBe('')
  })
})

describe('a schedule', () => {
  it('is the same again from its seed', () => {
    const guards = withoutGuards(['mergesConflicts'])
    const report = explore(scenarios.writers, { schedules: 50, guards })

    const first = explain(scenarios.writers, report, guards)

    expect(first).toContain('I6: an acknowledged change is lost')
    expect(explain(scenarios.writers, report, guards)).toBe(first)
  })
})
