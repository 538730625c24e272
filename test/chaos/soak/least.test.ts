import { describe, expect, it } from '@jest/globals'
import { toHistory } from '../history/history.js'
import type { Completion, HistoryEvent, OperationKind } from '../history/operation.js'
import { shortfallsOf } from './least.js'
import { Tally } from './tally.js'

const ENOUGH = { read: 400, write: 80, touch: 10, destroy: 4 } as const
const FAILED = { type: 'fail', error: 'LedgerUnavailableError' } as const
const seen = { version: 1, hash: 'h', label: 's', keys: [] }
const ends: Readonly<Record<string, Partial<Completion>>> = {
  write: { outcome: 'written', seen },
  destroy: { outcome: 'ended' },
}

/** So many operations of each kind that are answered, and for each of them so many that fail. */
function roundOf(counts: Partial<Record<OperationKind, number>>, failures = 0) {
  const events = Object.entries(counts).flatMap(([kind, count]) => [
    ...many(kind as OperationKind, count, ends[kind] ?? {}),
    ...many(kind as OperationKind, count * failures, FAILED),
  ])
  return toHistory(events)
}

function many(kind: OperationKind, count: number, end: Partial<Completion>): HistoryEvent[] {
  return Array.from({ length: count }, (_, number): HistoryEvent[] => {
    const operation = `${kind} ${end.type ?? 'ok'} ${number}`
    return [
      { type: 'invoke', operation, worker: 'w', kind, session: 's', at: 1 },
      { type: 'ok', ...end, operation, at: 2 },
    ]
  }).flat()
}

describe('a soak', () => {
  it('is satisfied with a round in which enough of each kind is answered', () => {
    expect(shortfallsOf(roundOf(ENOUGH, 9))).toEqual([])
  })

  it.each(['read', 'write', 'touch', 'destroy'] as const)(
    'names a round in which too few are answered: %ss',
    (kind) => {
      const [shortfall, ...others] = shortfallsOf(roundOf({ ...ENOUGH, [kind]: 3 }))

      expect(shortfall).toBe(`Too little happened: 3 ${kind}s, not ${ENOUGH[kind]} at least`)
      expect(others).toEqual([])
    },
  )

  it('does not count what is read when all is quiet', () => {
    expect(shortfallsOf({ ...roundOf(ENOUGH), quietAt: 1 })).toHaveLength(4)
  })

  it('shows nothing where most operations fail, however many are answered', () => {
    const tally = new Tally()
    tally.add(roundOf({ read: 4_000, write: 800, touch: 100, destroy: 40 }, 1), 0)

    expect(tally.shortfalls()).toContain('Too little was answered: 4000 of 8000 reads')
    expect(tally.shortfalls()).toHaveLength(4)
  })

  it('shows nothing where nothing is asked for', () => {
    expect(new Tally().shortfalls()).toHaveLength(4)
  })

  it('shows something where most are answered', () => {
    const tally = new Tally()
    for (let round = 0; round < 4; round++) tally.add(roundOf(ENOUGH), 0)
    tally.add(roundOf(ENOUGH, 1), 0)

    expect(tally.shortfalls()).toEqual([])
  })
})
