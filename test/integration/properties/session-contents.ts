import fc from 'fast-check'

/** Keys that prototypes, express-session, JSON or a driver might take for something of theirs. */
const LOADED_KEYS = [
  '__proto__',
  'constructor',
  'prototype',
  'toJSON',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'then',
  'length',
  'id',
  'req',
  'save',
  'touch',
  'destroy',
  'userId',
  'passport',
  'user',
  'data',
  '',
  ' ',
  '0',
  '\0',
  '\ud800',
  '$1',
] as const

const EDGES = [
  -0,
  1e308,
  -1e308,
  5e-324,
  2 ** 53,
  -(2 ** 53) - 2,
  Number.MAX_SAFE_INTEGER,
  1e21,
  NaN,
  Infinity,
] as const

/** Text of any UTF-16 code units: NUL and lone surrogates among them. */
export function anyText(): fc.Arbitrary<string> {
  const units = fc.oneof(fc.nat(0xffff), fc.integer({ min: 0xd800, max: 0xdfff }), fc.nat(0x1f))
  return fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.array(units, { maxLength: 12 }).map((each) => String.fromCharCode(...each)),
    fc.constantFrom(...LOADED_KEYS),
  )
}

/** Whatever an application may put into a session, and JSON has some form for. */
const { value: anyValue } = fc.letrec<{ value: unknown; list: unknown[]; object: object }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf(),
      tie('list'),
      tie('object'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.array(fc.tuple(anyText(), tie('value')), { maxLength: 4 }).map(objectOf),
  }),
)

export { anyValue }

/** The fields of a session, but for its cookie. */
export function anyContent(): fc.Arbitrary<object> {
  const key = anyText().filter((text) => text !== 'cookie')
  return fc.array(fc.tuple(key, anyValue), { maxLength: 6 }).map(objectOf)
}

/** Nesting of objects and lists, by turns of this many levels. */
export function nested(levels: number, listEvery: number): object {
  let value: object = { leaf: true }
  for (let level = 0; level < levels; level++) {
    value = level % listEvery === 0 ? [value] : { inner: value }
  }
  return value
}

/** What everything inherits from; a test that changes it has been tricked. */
export function prototypesNow(): string {
  const all = [Object.prototype, Array.prototype, String.prototype, Function.prototype]
  return all.map((each) => Reflect.ownKeys(each).map(String).sort().join()).join(';')
}

function leaf(): fc.Arbitrary<unknown> {
  return fc.oneof(
    anyText(),
    fc.double(),
    fc.maxSafeInteger(),
    fc.constantFrom(...EDGES),
    fc.constantFrom(null, undefined, true, false),
    fc.date({ noInvalidDate: false }),
    fc.constant({ toJSON: () => 'its own form' }),
  )
}

/** An own property for each, `__proto__` too. */
function objectOf(entries: readonly (readonly [string, unknown])[]): object {
  return Object.fromEntries(entries)
}
