import { toMilliseconds } from './duration.js'
import { InvalidOptionError } from './errors.js'
import { isContext } from './session-id.js'

/**
 * Says what is wrong with an option's value, as the end of a sentence that begins with its name; or
 * nothing.
 */
export type Check = (value: unknown) => string | undefined

/** A check for each option that exists. */
export type Checks<Options> = Readonly<Record<keyof Options, Check>>

/**
 * Checks that `options` is an object with known names and good values; `undefined` counts as not
 * given.
 *
 * @throws {@link InvalidOptionError} for the first that is not.
 */
export function checkOptions<Options extends object>(
  options: unknown,
  checks: Checks<Options>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new InvalidOptionError('options', 'must be an object')
  }
  const known = new Map<string, Check>(Object.entries(checks))
  for (const [name, value] of Object.entries(options)) {
    const check = known.get(name)
    if (!check) {
      throw new InvalidOptionError(
        name,
        `is not known; there are ${[...known.keys()].sort().join(', ')}`,
      )
    }
    const problem = value === undefined ? undefined : check(value)
    if (problem !== undefined) throw new InvalidOptionError(name, problem)
  }
}

/** A duration of at least `least` ms, and at most `most`. */
export function durationFrom(least: number, most = Infinity): Check {
  const atMost = most === Infinity ? '' : ` and at most ${most} ms`
  return (value) => {
    const ms = toMilliseconds(value)
    return ms !== undefined && ms >= least && ms <= most
      ? undefined
      : `must be a duration of at least ${least} ms${atMost}, like 60000 or '15m'`
  }
}

/** A whole number from `least` to `most`. */
export function integerIn(least: number, most: number): Check {
  return (value) =>
    Number.isInteger(value) && (value as number) >= least && (value as number) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`
}

/** Any of `checks`: the problem told is that of all. */
export function either(...checks: readonly Check[]): Check {
  return (value) => {
    const problems = checks.map((check) => check(value))
    return problems.includes(undefined) ? undefined : problems.join(', or ')
  }
}

/** One of these values. */
export function oneOf(...values: readonly unknown[]): Check {
  return (value) =>
    values.includes(value)
      ? undefined
      : `must be ${values.map((each) => JSON.stringify(each)).join(' or ')}`
}

/** Something that can be called. */
export const aFunction: Check = (value) =>
  typeof value === 'function' ? undefined : 'must be a function'

/** `true` or `false`. */
export const aBoolean: Check = oneOf(true, false)

/** A string of 1 to `most` characters, without NUL. */
export function stringUpTo(most: number): Check {
  return (value) =>
    typeof value === 'string' && value.length > 0 && value.length <= most && !value.includes('\0')
      ? undefined
      : `must be a string of 1 to ${most} characters`
}

/**
 * The name of something in Postgres. 48 characters leave room for what the names of indexes add,
 * within the 63 that Postgres keeps.
 */
export const anIdentifier: Check = (value) =>
  typeof value === 'string' && /^[A-Za-z_][A-Za-z0-9_]{0,47}$/.test(value)
    ? undefined
    : 'must be 1 to 48 letters, digits and underscores, not beginning with a digit'

/** A namespace of sessions. */
export const aContext: Check = (value) =>
  isContext(value) ? undefined : 'must be 1 to 64 letters, digits, _ or -'

/** @throws {@link InvalidOptionError} for what can be no context. */
export function checkContext(value: unknown): void {
  const problem = aContext(value)
  if (problem !== undefined) throw new InvalidOptionError('context', problem)
}

/** An object that has these methods. */
export function objectWith(...methods: readonly string[]): Check {
  return (value) => {
    const given = Object(value) as Record<string, unknown>
    return methods.every((method) => typeof given[method] === 'function')
      ? undefined
      : `must have the methods ${methods.join(', ')}`
  }
}
