import { describe, expect, it } from '@jest/globals'
import { Happenings } from './happenings.js'
import type { Played } from './run-scenario.js'

const FAULT = 'a server killed'

/** A play in which a failure was told of so often, and the fault was there so often. */
function playedWith({ failures = 0, faults = 0 }): Played {
  const noted = Array.from({ length: faults }, (_, index) => ({ fault: FAULT, at: index }))
  const history = { operations: [], faults: noted } as unknown as Played['history']
  return { history, events: { 'ledger-failure': failures } }
}

describe('what happened', () => {
  it('is expected of each play that was asked for', () => {
    const happened = new Happenings({ events: { 'ledger-failure': 5 } })

    happened.add(playedWith({ failures: 5 }))
    happened.add(playedWith({ failures: 4 }))

    expect(happened.shortfalls()).toEqual([
      'Too little happened: 9 ledger-failure, not 10 at least',
    ])
  })

  it('is made up for by a play more, of which nothing is expected', () => {
    const happened = new Happenings({ events: { 'ledger-failure': 5 }, faults: { [FAULT]: 1 } })

    happened.add(playedWith({ failures: 3 }))
    happened.addMore(playedWith({ failures: 1 }))
    expect(happened.shortfalls()).toHaveLength(3)

    happened.addMore(playedWith({ failures: 1, faults: 1 }))
    expect(happened.shortfalls()).toEqual([])
  })
})
