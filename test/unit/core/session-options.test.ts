import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { InvalidOptionError } from '../../../src/core/errors.js'
import { checkOptions } from '../../../src/core/options.js'
import {
  sessionOptionChecks,
  toEngineSettings,
  toUserId,
} from '../../../src/core/session-options.js'
import type { SessionOptions } from '../../../src/core/session-options.js'

function check(options: object): void {
  checkOptions(options, sessionOptionChecks)
}

describe('the options of sessions', () => {
  it.each<[keyof SessionOptions, unknown]>([
    ['ttl', '30m'],
    ['ttl', () => '30m'],
    ['absoluteTtl', '30d'],
    ['touchEvery', 0],
    ['sweepEvery', false],
    ['sweepEvery', '1h'],
    ['sweepBatch', 1],
    ['onConflict', 'reject'],
    ['onConflict', () => ({})],
    ['near', false],
    ['context', 'admin'],
    ['serializer', JSON],
    ['hashSessionIds', false],
    ['logger', console],
  ])('may be %s: %p', (option, value) => {
    expect(() => check({ [option]: value })).not.toThrow()
  })

  it.each<[keyof SessionOptions, unknown]>([
    ['ttl', 0],
    ['ttl', 'soon'],
    ['absoluteTtl', 0],
    ['touchEvery', -1],
    ['sweepEvery', true],
    ['sweepEvery', 999],
    ['sweepBatch', 0],
    ['onConflict', 'theirs'],
    ['near', 'true'],
    ['near', { maxAge: 0 }],
    ['context', 'a b'],
    ['serializer', { parse: () => ({}) }],
    ['encryption', 'secret'],
    ['encryption', null],
    ['redisTimeout', 0],
    ['ledgerTimeout', '0s'],
    ['table', ''],
    ['clock', {}],
    ['userId', 'userId'],
  ])('may not be %s: %p', (option, value) => {
    expect(() => check({ [option]: value })).toThrow(
      expect.objectContaining({ name: 'InvalidOptionError', option }),
    )
  })
})

describe('the settings of an engine', () => {
  it('are the documented defaults where nothing is given', () => {
    const settings = toEngineSettings({})
    expect(settings).toMatchObject({
      absoluteTtl: undefined,
      touchEvery: 60_000,
      sweepEvery: 3_600_000,
      sweepBatch: 1000,
      hashSessionIds: true,
      onConflict: 'merge',
      context: 'web',
      redisTimeout: 50,
      ledgerTimeout: 5_000,
    })
    expect(settings.ttl({})).toBe(86_400_000)
  })

  it('can not be changed', () => {
    expect(Object.isFrozen(toEngineSettings({}))).toBe(true)
  })

  it('hold durations in milliseconds', () => {
    const options = { absoluteTtl: '30d', touchEvery: '5s', sweepEvery: false } as const
    expect(toEngineSettings(options)).toMatchObject({
      absoluteTtl: 2_592_000_000,
      touchEvery: 5_000,
      sweepEvery: false,
    })
  })

  it('ask a function for the lifetime of each session', () => {
    const { ttl } = toEngineSettings({ ttl: ({ remember }) => (remember ? '7d' : '1h') })
    expect([ttl({ remember: true }), ttl({})]).toEqual([604_800_000, 3_600_000])
  })

  it('refuse a lifetime that is none', () => {
    const { ttl } = toEngineSettings({ ttl: () => NaN })
    expect(() => ttl({})).toThrow(InvalidOptionError)
  })
})

describe('whose session it is', () => {
  it.each([
    [{ userId: 'ada' }, 'ada'],
    [{ userId: 7 }, '7'],
    [{ userId: 0 }, '0'],
    [{ passport: { user: 'ada' } }, 'ada'],
    [{ userId: 'ada', passport: { user: 'bob' } }, 'ada'],
    [{ userId: null, passport: { user: 5 } }, '5'],
    [{}, undefined],
    [{ userId: '' }, undefined],
    [{ userId: {} }, undefined],
    [{ passport: null }, undefined],
    [{ passport: 'ada' }, undefined],
    [{ passport: { user: { id: 1 } } }, undefined],
  ])('of %j is %p', (session, owner) => {
    expect(toEngineSettings({}).userId(session)).toBe(owner)
  })

  it('is what the option says', () => {
    const { userId } = toEngineSettings({ userId: ({ account }) => account as number })
    expect(userId({ account: 12 })).toBe('12')
    expect(userId({})).toBeUndefined()
  })
})

describe('toUserId', () => {
  it('takes the SHA-256 of what no index holds', () => {
    for (const owner of ['x'.repeat(256), 'a\0b', '\uD800']) {
      expect(toUserId(owner)).toMatch(/^sha256:[\w-]{43}$/)
    }
  })

  it('takes 255 characters as they are', () => {
    expect(toUserId('x'.repeat(255))).toBe('x'.repeat(255))
  })

  it('gives different owners different entries', () => {
    const owners = fc.string({ minLength: 1, maxLength: 300, unit: 'binary' })
    fc.assert(
      fc.property(owners, owners, (one, other) => {
        expect(toUserId(one) === toUserId(other)).toBe(one === other)
      }),
    )
    expect(toUserId('\uD800')).not.toBe(toUserId('\uDBFF'))
  })

  it.each([undefined, null, '', {}, true])('gives none for %p', (owner) => {
    expect(toUserId(owner)).toBeUndefined()
  })
})
