import { processWide } from './process-wide.js'

const known = processWide('identities', () => ({ of: new WeakMap<object, number>(), count: 0 }))

/** A number for an object or function: the same as long as it is there, and nothing else's. */
export function identityOf(value: object): number {
  const identity = known.of.get(value) ?? ++known.count
  known.of.set(value, identity)
  return identity
}
