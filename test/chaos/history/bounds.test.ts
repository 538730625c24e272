import { describe, expect, it } from '@jest/globals'
import type { Bounds } from './bounds.js'
import { check } from './checker.js'
import { toHistory } from './history.js'
import type { Completion, HistoryEvent, OperationKind, SeenSession } from './operation.js'
import { toMessage } from './violation.js'

/** One operation from one time to another. */
function operation(
  [kind, from, to]: readonly [OperationKind, number, number],
  end: Partial<Completion>,
  key?: string,
): HistoryEvent[] {
  const id = `${kind}-${from}`
  return [
    {
      ...{ type: 'invoke', operation: id, worker: 'w', kind, session: 's', at: from },
      ...(key !== undefined && { key }),
    },
    { type: 'ok', ...end, operation: id, at: to },
  ]
}

function seen(version: number, ...keys: readonly string[]): SeenSession {
  return { version, hash: `hash ${version}`, label: 's', keys }
}

function quietAt(at: number): HistoryEvent[] {
  return [{ type: 'quiet', at }]
}

function wrote(from: number, to: number, what: SeenSession) {
  const end = { outcome: 'written', seen: what } as const
  return operation(['write', from, to], end, what.keys.at(-1))
}

function brokenIn(events: readonly HistoryEvent[][], bounds: Bounds = {}): number[] {
  return check(toHistory(events.flat()), bounds).map(({ invariant }) => invariant)
}

describe('the bounds of a history', () => {
  const stale = [
    wrote(0, 1, seen(1, 'a')),
    wrote(2, 3, seen(2, 'a', 'b')),
    operation(['read', 10, 11], { seen: seen(1, 'a') }),
  ]

  it('let a read be stale for just so long', () => {
    expect(brokenIn(stale)).toEqual([3])
    expect(brokenIn(stale, { staleness: 6.9 })).toEqual([3])
    expect(brokenIn(stale, { staleness: 7.1 })).toEqual([])
  })

  it('let nothing be stale that is asked for when all is quiet', () => {
    expect(brokenIn([...stale, quietAt(9)], { staleness: 100 })).toEqual([3])
    expect(brokenIn([...stale, quietAt(10.1)], { staleness: 100 })).toEqual([])
  })

  it('let it be stale for so long then whose last writer was killed', () => {
    const history = toHistory([...stale, quietAt(9)].flat(), new Set(['w']))

    expect(check(history, { staleness: 100 })).toHaveLength(1)
    expect(check(history, { staleness: 100, settled: 6.9 })).toHaveLength(1)
    expect(check(history, { staleness: 100, settled: 7.1 })).toHaveLength(0)
  })

  it('let nothing be seen then but what the ledger holds, unless who wrote it was killed', () => {
    const lost = [
      wrote(0, 1, seen(1, 'a')),
      operation(['write', 2, 3], { type: 'unknown', error: 'LedgerUnavailableError' }, 'b'),
      operation(['read', 10, 11], { seen: seen(1, 'a') }),
      operation(['final', 12, 13], { seen: seen(2, 'a', 'b') }),
    ]

    expect(brokenIn([...lost, quietAt(10.1)])).toEqual([])
    expect(brokenIn([...lost, quietAt(9)], { settled: 100 })).toEqual([3])
    expect(check(toHistory([...lost, quietAt(9)].flat(), new Set(['w'])))).toEqual([])
  })

  it('may be another staleness for each read', () => {
    const staleness = ({ invokedAt }: { invokedAt: number }) => (invokedAt === 10 ? 8 : 0)

    expect(brokenIn(stale, { staleness })).toEqual([])
    expect(
      brokenIn([...stale, operation(['read', 12, 13], { seen: seen(1, 'a') })], { staleness }),
    ).toEqual([3])
  })

  it('say whether a read promises what it saw to later reads', () => {
    const seenAhead = [
      wrote(0, 1, seen(1, 'a')),
      operation(['write', 2, 3], { type: 'unknown', error: 'LedgerUnavailableError' }, 'b'),
      operation(['read', 4, 5], { seen: seen(2, 'a', 'b') }),
      operation(['read', 6, 7], { seen: seen(1, 'a') }),
    ]

    expect(brokenIn(seenAhead)).toEqual([])
    expect(brokenIn(seenAhead, { readsAcknowledge: true })).toEqual([3])
  })

  it('let a session be gone once it has expired', () => {
    const expired = [wrote(0, 1, seen(1, 'a')), operation(['read', 5, 6], {})]

    expect(brokenIn(expired, { expiry: () => 7 })).toEqual([3])
    expect(brokenIn(expired, { expiry: () => 6 })).toEqual([])
  })

  it('hold by kind, and otherwise in a window', () => {
    const slow = [operation(['read', 0, 20], {}), operation(['touch', 0, 20], {})]
    const bounds = { latency: { read: 10 } }
    const window = { from: 15, to: 16, latency: { read: 30 } }

    expect(brokenIn(slow, bounds)).toEqual([9])
    expect(brokenIn(slow, { ...bounds, windows: [window] })).toEqual([])
    expect(brokenIn(slow, { ...bounds, windows: [{ ...window, from: 21, to: 22 }] })).toEqual([9])
  })

  it('let a write that is gone have been there before, where replies are lost', () => {
    const gone = [
      operation(['write', 0, 9], { outcome: 'gone' }, 'a'),
      operation(['read', 1, 2], { seen: seen(1, 'a') }),
      operation(['destroy', 3, 4], { outcome: 'ended' }),
    ]

    expect(brokenIn(gone)).toEqual([4, 4])
    expect(brokenIn(gone, { losesReplies: true })).toEqual([])
  })
})

describe('a destroy that failed', () => {
  const failed = [
    wrote(0, 1, seen(1, 'a')),
    operation(['destroy', 2, 3], { type: 'fail', error: 'LedgerUnavailableError' }),
    operation(['read', 4, 5], {}),
    operation(['read', 6, 7], { seen: seen(1, 'a') }),
  ]

  it('may be refused already, or not', () => {
    expect(brokenIn(failed)).toEqual([])
  })

  it('does not come back once another one is acknowledged', () => {
    const destroyed = operation(['destroy', 8, 9], { outcome: 'absent' })

    expect(
      brokenIn([...failed, destroyed, operation(['read', 10, 11], { seen: seen(1, 'a') })]),
    ).toEqual([5])
  })
})

describe('a violation', () => {
  it('tells the invariant, the session, what is wrong, and the lines', () => {
    const events = [wrote(0, 1, seen(1, 'a')), operation(['read', 2, 3], {})]

    const [violation] = check(toHistory(events.flat()))

    expect(toMessage(violation!).split('\n')).toEqual([
      'Invariant 3 (a read is not older than what was acknowledged before it) is broken in s: ' +
        'nothing was found after version 1 had been acknowledged',
      ...events.flat().map((event) => JSON.stringify(event)),
    ])
  })

  it('is told ten times for one session, at most', () => {
    const reads = Array.from({ length: 30 }, (_, n) => operation(['read', n + 2, n + 2.5], {}))

    expect(brokenIn([wrote(0, 1, seen(1, 'a')), ...reads])).toEqual(Array(10).fill(3))
  })
})
