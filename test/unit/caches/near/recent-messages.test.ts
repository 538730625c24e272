import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { RecentMessages } from '../../../../src/caches/near/recent-messages.js'
import { MAX_VERSION } from '../../../../src/core/ledger.js'
import { toSessionId } from '../../../../src/core/session-id.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'

const LIFETIME = 10_000
const id = toSessionId('an id')

function remembering(maxIds = 100) {
  const clock = new ManualClock()
  return { clock, messages: new RecentMessages({ clock, lifetime: LIFETIME, maxIds }) }
}

describe('the memory of messages', () => {
  it('knows no version of an id that nothing was heard of', () => {
    expect(remembering().messages.of(id).version).toBe(0)
  })

  it('knows the highest version, in whatever order they came', () => {
    const { messages } = remembering()
    for (const version of [2, 5, 3]) messages.add(id, version)
    expect(messages.of(id).version).toBe(5)
  })

  it('knows when every version was ended last, and what was heard beside that', async () => {
    const { clock, messages } = remembering()
    messages.add(id, 5)
    await clock.advance(10)
    messages.add(id, MAX_VERSION)
    const endedAt = clock.monotonic()
    await clock.advance(10)
    messages.add(id, 4)

    expect(messages.of(id)).toEqual({ version: 5, endedAt })
  })

  it('has forgotten a message after twice its lifetime', async () => {
    const { clock, messages } = remembering()
    messages.add(id, 2)
    await clock.advance(2 * LIFETIME)
    expect(messages.of(id).version).toBe(0)
  })

  it('forgets all at once where there is too much, and counts that', () => {
    const { messages } = remembering(3)
    for (const name of ['a', 'b', 'c']) messages.add(toSessionId(name), 1)
    expect([messages.size, messages.overflows]).toEqual([3, 0])

    messages.add(toSessionId('d'), 1)
    expect([messages.size, messages.overflows]).toEqual([0, 1])
  })

  it('knows what was heard within its lifetime, and nothing from before twice that', async () => {
    const step = fc.record({
      wait: fc.nat(8_000),
      version: fc.integer({ min: 1, max: 9 }),
      isHeard: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const { clock, messages } = remembering()
        const heard: { at: number; version: number }[] = []
        for (const { wait, version, isHeard } of steps) {
          await clock.advance(wait)
          const at = clock.monotonic()
          if (isHeard) messages.add(id, version)
          if (isHeard) heard.push({ at, version })
          const since = (age: number): number =>
            Math.max(0, ...heard.filter((each) => each.at > at - age).map((each) => each.version))
          expect(messages.of(id).version).toBeGreaterThanOrEqual(since(LIFETIME))
          expect(messages.of(id).version).toBeLessThanOrEqual(since(2 * LIFETIME))
        }
      }),
    )
  })
})
