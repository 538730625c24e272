import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { isPlainObject, merge } from '../../../src/core/merge.js'
import type { SessionContent } from '../../../src/core/merge.js'

const keys = fc.oneof(
  fc.constantFrom('a', 'b', 'cart', '__proto__', 'constructor', 'toString', 'hasOwnProperty'),
  fc.string({ maxLength: 3 }),
)

/** What a session's text may hold, but for its cookie, whose rule is another. */
const sessions: fc.Arbitrary<SessionContent> = fc
  .dictionary(
    keys.filter((key) => key !== 'cookie'),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 5 },
  )
  .map(throughText)

function throughText(value: object): SessionContent {
  return JSON.parse(JSON.stringify(value)) as SessionContent
}

function parse(text: string): SessionContent {
  return JSON.parse(text) as SessionContent
}

function withoutOwner(session: SessionContent): SessionContent {
  const { userId: _userId, passport: _passport, ...rest } = session
  return rest
}

describe('merge', () => {
  it('takes theirs where I changed nothing', () => {
    fc.assert(
      fc.property(sessions, sessions, (base, theirs) => {
        expect(merge({ base, mine: base, theirs })).toMatchObject({ conflicts: [] })
        expect(merge({ base, mine: base, theirs }).content).toEqual(theirs)
      }),
    )
  })

  it('takes mine where they changed nothing', () => {
    fc.assert(
      fc.property(sessions, sessions, (base, mine) => {
        expect(merge({ base, mine, theirs: base })).toEqual({
          content: mine,
          conflicts: [],
          dropped: false,
        })
      }),
    )
  })

  it('takes what both made of it where that is the same', () => {
    fc.assert(
      fc.property(sessions, sessions.map(withoutOwner), (base, both) => {
        const merged = merge({ base: withoutOwner(base), mine: both, theirs: both })
        expect(merged).toEqual({ content: both, conflicts: [], dropped: false })
      }),
    )
  })

  it('gives the same for the same, and changes none of the three', () => {
    fc.assert(
      fc.property(sessions, sessions, sessions, (base, mine, theirs) => {
        const before = JSON.stringify([base, mine, theirs])
        const first = JSON.stringify(merge({ base, mine, theirs }))
        expect(JSON.stringify(merge({ base, mine, theirs }))).toBe(first)
        expect(JSON.stringify([base, mine, theirs])).toBe(before)
      }),
    )
  })

  it('keeps what each changed where they changed different keys', () => {
    fc.assert(
      fc.property(sessions.map(withoutOwner), fc.jsonValue(), fc.jsonValue(), (base, x, y) => {
        const { content, conflicts } = merge({
          base,
          mine: { ...base, mine: x },
          theirs: { ...base, theirs: y },
        })
        expect(conflicts).toEqual([])
        expect(content).toEqual({ ...base, mine: x, theirs: y })
      }),
    )
  })

  it('reports keys that both changed, each once', () => {
    fc.assert(
      fc.property(sessions, sessions, sessions, (base, mine, theirs) => {
        const { conflicts } = merge({ base, mine, theirs })
        expect(conflicts).toEqual([...new Set(conflicts)])
        for (const key of conflicts) {
          expect(Object.hasOwn(mine, key) || Object.hasOwn(theirs, key)).toBe(true)
        }
      }),
    )
  })

  it.each(['__proto__', 'constructor', 'toString'])('takes %s for a key like any other', (key) => {
    const base = parse(`{"${key}":{"a":1}}`)
    const mine = parse(`{"${key}":{"a":1,"b":2}}`)
    const theirs = parse(`{"${key}":{"a":3}}`)

    const { content } = merge({ base, mine, theirs })

    expect(JSON.stringify(content)).toBe(`{"${key}":{"a":3,"b":2}}`)
    expect(Object.getPrototypeOf(content)).toBe(Object.prototype)
    expect(Object.keys(Object.prototype)).toEqual([])
  })

  it('lets mine stand where both changed a key, and reports it', () => {
    const merged = merge({ base: { n: 1 }, mine: { n: 2 }, theirs: { n: 3 } })
    expect(merged).toEqual({ content: { n: 2 }, conflicts: ['n'], dropped: false })
  })

  it('merges plain objects by the same rule', () => {
    const merged = merge({
      base: { cart: { a: 1, b: 1 } },
      mine: { cart: { a: 2, b: 1 } },
      theirs: { cart: { a: 1, c: 1 } },
    })
    expect(merged).toEqual({ content: { cart: { a: 2, c: 1 } }, conflicts: [], dropped: false })
  })

  it('merges objects that both began', () => {
    const merged = merge({ base: {}, mine: { cart: { a: 1 } }, theirs: { cart: { b: 1 } } })
    expect(merged.content).toEqual({ cart: { a: 1, b: 1 } })
  })

  it('reports the top-level key of two conflicts within it once', () => {
    const cart = (n: number): SessionContent => ({ cart: { a: n, b: n } })
    expect(merge({ base: cart(1), mine: cart(2), theirs: cart(3) }).conflicts).toEqual(['cart'])
  })

  it('takes arrays for values', () => {
    const merged = merge({ base: { list: [1] }, mine: { list: [1, 2] }, theirs: { list: [1, 3] } })
    expect(merged).toMatchObject({ content: { list: [1, 2] }, conflicts: ['list'] })
  })

  it('keeps deleted what I deleted', () => {
    const merged = merge({ base: { a: 1, b: 1 }, mine: { b: 1 }, theirs: { a: 1, b: 2 } })
    expect(merged.content).toEqual({ b: 2 })
  })

  it('keeps deleted what I deleted while they changed it, and reports it', () => {
    const merged = merge({ base: { a: 1 }, mine: {}, theirs: { a: 2 } })
    expect(merged).toMatchObject({ content: {}, conflicts: ['a'] })
  })

  it('keeps deleted what they deleted', () => {
    expect(merge({ base: { a: 1 }, mine: { a: 1, b: 1 }, theirs: {} }).content).toEqual({ b: 1 })
  })

  it.each([
    ['a login', {}, { userId: 'ada' }],
    ['a logout', { userId: 'ada' }, {}],
    ['another user', { passport: { user: 1 } }, { passport: { user: 2 } }],
  ])('drops my change as a whole at %s under it', (_what, base, theirs) => {
    const merged = merge({ base, mine: { ...base, note: 'mine' }, theirs })
    expect(merged).toEqual({ content: theirs, conflicts: [], dropped: true })
  })

  it('keeps my own login', () => {
    const merged = merge({ base: {}, mine: { userId: 'ada' }, theirs: { visits: 1 } })
    expect(merged).toMatchObject({ content: { userId: 'ada', visits: 1 }, dropped: false })
  })

  it('takes no inherited property for a change of owner', () => {
    const theirs = Object.create({ userId: 'mallory' }) as SessionContent
    expect(merge({ base: {}, mine: {}, theirs }).dropped).toBe(false)
  })
})

describe('the cookie of a merge', () => {
  const cookieOf = (...[mine, theirs]: readonly unknown[]): unknown =>
    merge({ base: { cookie: {} }, mine: { cookie: mine }, theirs: { cookie: theirs } }).content[
      'cookie'
    ]
  const early = '2030-01-01T00:00:00.000Z'
  const late = '2030-01-02T00:00:00.000Z'

  it.each([
    [early, late],
    [late, early],
  ])('ends at the later of %s and %s', (mine, theirs) => {
    expect(cookieOf({ expires: mine }, { expires: theirs })).toEqual({ expires: late })
  })

  it('is otherwise mine', () => {
    const cookie = cookieOf({ expires: early, secure: true }, { expires: late, secure: false })
    expect(cookie).toEqual({ expires: late, secure: true })
  })

  const HOUR = 3_600_000
  const lasting = (originalMaxAge: number | null, expires: string | null) => ({
    cookie: { originalMaxAge, expires },
  })

  it.each([
    { change: 'longer', changed: lasting(48 * HOUR, late), base: lasting(HOUR, early) },
    { change: 'beyond the browser', changed: lasting(48 * HOUR, late), base: lasting(null, null) },
    { change: 'as long as the browser', changed: lasting(null, null), base: lasting(HOUR, early) },
  ])('lasts as the one says who made it last $change', ({ changed, base }) => {
    const { originalMaxAge, expires } = base.cookie
    const drifted = lasting(originalMaxAge === null ? null : originalMaxAge - 3, expires)

    expect(merge({ base, mine: changed, theirs: drifted }).content).toEqual(changed)
    expect(merge({ base, mine: drifted, theirs: changed }).content).toEqual(changed)
  })

  it('keeps the settings that only one of us changed', () => {
    const base = { cookie: { path: '/', secure: false, domain: 'old' } }
    const mine = { cookie: { path: '/', secure: true, domain: 'old' } }
    const theirs = { cookie: { path: '/', secure: false, sameSite: 'lax' } }

    expect(merge({ base, mine, theirs }).content).toEqual({
      cookie: { path: '/', secure: true, sameSite: 'lax' },
    })
  })

  it('compares dates as well', () => {
    const cookie = cookieOf({ expires: new Date(early) }, { expires: new Date(late) })
    expect(cookie).toEqual({ expires: new Date(late) })
  })

  it('lives as long as the browser where either does', () => {
    expect(cookieOf({ expires: early }, { expires: null })).toEqual({ expires: null })
    expect(cookieOf({ path: '/' }, { expires: late })).toEqual({ path: '/' })
  })

  it('takes an invalid date for the earliest', () => {
    expect(cookieOf({ expires: 'nonsense' }, { expires: early })).toEqual({ expires: early })
  })

  it('is theirs where I have none', () => {
    expect(cookieOf(undefined, { expires: late })).toEqual({ expires: late })
  })

  it('is never a conflict', () => {
    const at = (path: string): SessionContent => ({ cookie: { path } })
    expect(merge({ base: at('/a'), mine: at('/b'), theirs: at('/c') }).conflicts).toEqual([])
  })

  it('is no rule for a key of that name further down', () => {
    const merged = merge({
      base: { consent: { cookie: false, mail: false } },
      mine: { consent: { cookie: false, mail: true } },
      theirs: { consent: { cookie: true, mail: false } },
    })
    expect(merged.content).toEqual({ consent: { cookie: true, mail: true } })
  })
})

describe('isPlainObject', () => {
  it.each([[{}], [Object.create(null)], [parse('{"a":1}')]])('holds for %j', (value) => {
    expect(isPlainObject(value)).toBe(true)
  })

  it.each([[null], [undefined], [[]], [new Date()], [new Map()], ['text'], [1]])(
    'does not hold for %p',
    (value) => {
      expect(isPlainObject(value)).toBe(false)
    },
  )
})
