import fc from 'fast-check'
import { anyText } from './session-contents.js'

const HUGE = 'a'.repeat(10_000_000)

/** Ids that look much like this one: all are different, this one among them. */
export function similarTo(id: string): readonly string[] {
  return [...new Set([id, ...VARIATIONS.map((vary) => vary(id))])]
}

/** What no session can be named by. */
export function impossibleIds(): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.constantFrom<unknown>('', undefined, null, true, false, NaN, Infinity, -Infinity, 0n, 7n),
    fc.constantFrom<unknown>(Symbol('id'), () => 'id', new Date(0), /id/),
    fc.constantFrom<unknown>(new String('id'), new Number(7), Buffer.from('id'), new Map()),
    fc.object({ maxDepth: 1 }),
    fc.constantFrom<unknown>(hostile('toString'), hostile('valueOf'), hostile('toJSON')),
    fc.constant(Object.create(null)),
  )
}

/** What may come as an id that was never given out. */
export function unknownIds(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 20, arbitrary: anyText().filter((text) => text !== '') },
    { weight: 5, arbitrary: fc.string({ unit: 'binary', minLength: 900, maxLength: 1_100 }) },
    { weight: 1, arbitrary: fc.constantFrom(HUGE, `${HUGE}b`) },
  )
}

const VARIATIONS: readonly ((id: string) => string)[] = [
  (id) => id.toUpperCase(),
  (id) => id.toLowerCase(),
  (id) => id.normalize('NFD'),
  (id) => id.normalize('NFC'),
  (id) => id.toWellFormed(),
  (id) => encodeURIComponent(id.toWellFormed()),
  (id) => JSON.stringify(id),
  (id) => id.trim(),
  (id) => `${id} `,
  (id) => ` ${id}`,
  (id) => `${id}\n`,
  (id) => `${id}\0`,
  (id) => `${id}\u200b`,
  (id) => `${id}\ufffd`,
  (id) => `${id}\ud800`,
  (id) => `${id}\udfff`,
  (id) => `${id}:`,
  (id) => `:${id}`,
  (id) => `web:${id}`,
  (id) => `web.${id}`,
  (id) => `${id}*`,
  (id) => `${id}.${id}`,
  (id) => `0${id}`,
]

/** An object that throws where it is asked to be a text. */
function hostile(method: string): object {
  return {
    [method]() {
      throw new Error('It was asked')
    },
  }
}
