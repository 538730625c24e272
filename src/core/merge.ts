import { isDeepStrictEqual } from 'node:util'

/** What a session holds, by top-level key. */
export type SessionContent = Readonly<Record<string, unknown>>

/**
 * Three states of one session: what both began from, what this request made of it, and what another
 * one committed.
 */
export interface Fork {
  readonly base: SessionContent
  readonly mine: SessionContent
  readonly theirs: SessionContent
}

/** What a fork was settled to. */
export interface Merged {
  readonly content: SessionContent

  /** The top-level keys that both had changed, to different values. */
  readonly conflicts: readonly string[]

  /** Whether my change gave way as a whole, because the session's owner changed under it. */
  readonly dropped: boolean
}

/** Who a session belongs to: where one of these changed, somebody logged in or out. */
const IDENTITY_KEYS = ['userId', 'passport'] as const

/**
 * Merges three ways on top-level keys: what I left alone is theirs, what they left alone is mine.
 * Where both changed a key, plain objects merge by the same rule; otherwise mine stands, and the
 * key is reported. A key that I deleted stays deleted; arrays are values. The settings of `cookie`
 * merge by the same rule, silently; its expiry goes with the lifetime that one of us changed, and
 * is otherwise the later.
 */
export function merge(fork: Fork): Merged {
  const { base, theirs } = fork
  if (IDENTITY_KEYS.some((key) => !isSame(own(base, key), own(theirs, key)))) {
    return { content: theirs, conflicts: [], dropped: true }
  }
  const conflicts = new Set<string>()
  const content = mergeKeys(fork, (key) =>
    key === 'cookie'
      ? mergeCookies(own(base, key), own(fork.mine, key), own(theirs, key))
      : mergeKey(fork, key, { level: 1, onConflict: () => conflicts.add(key) }),
  )
  return { content, conflicts: [...conflicts], dropped: false }
}

function mergeKeys({ mine, theirs }: Fork, mergeOne: (key: string) => unknown): SessionContent {
  const merged: [string, unknown][] = []
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs)])) {
    const value = mergeOne(key)
    if (value !== undefined) merged.push([key, value])
  }
  return Object.fromEntries(merged)
}

/** Where in a session two values meet, and who is told that they differ. */
interface Meeting {
  readonly level: number
  readonly onConflict: () => void
}

function mergeKey(fork: Fork, key: string, { level, onConflict }: Meeting): unknown {
  const base = own(fork.base, key)
  const mine = own(fork.mine, key)
  const theirs = own(fork.theirs, key)
  if (level < MOST_LEVELS && isPlainObject(mine) && isPlainObject(theirs)) {
    // Not compared as a whole first: at each level anew, that takes seconds for a deep session.
    const inner: Fork = { base: isPlainObject(base) ? base : {}, mine, theirs }
    const deeper = { level: level + 1, onConflict }
    return mergeKeys(inner, (innerKey) => mergeKey(inner, innerKey, deeper))
  }
  if (isSame(mine, base)) return theirs
  if (isSame(theirs, base) || isSame(mine, theirs)) return mine
  onConflict()
  return mine
}

/** Objects that are nested more deeply are values: to merge them could exhaust the stack. */
const MOST_LEVELS = 100

/** What is nested too deeply to be compared level by level is compared as text. */
function isSame(one: unknown, other: unknown): boolean {
  try {
    return isDeepStrictEqual(one, other)
  } catch {
    return isSameText(one, other)
  }
}

function isSameText(one: unknown, other: unknown): boolean {
  try {
    return JSON.stringify(one) === JSON.stringify(other)
  } catch {
    return false
  }
}

/** An own property only: a session may hold a key named like something every object inherits. */
function own(content: SessionContent, key: string): unknown {
  return Object.hasOwn(content, key) ? content[key] : undefined
}

/** Whether the value is an object of keys: no array, and of no class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function mergeCookies(base: unknown, mine: unknown, theirs: unknown): unknown {
  if (!isPlainObject(mine) || !isPlainObject(theirs)) return mine ?? theirs
  const fork: Fork = { base: isPlainObject(base) ? base : {}, mine, theirs }
  return mergeKeys(fork, (key) => {
    if (key === 'expires') return mergeExpiries(fork)
    return own(changes(mine, fork.base, key) ? mine : theirs, key)
  })
}

function mergeExpiries({ base, mine, theirs }: Fork): unknown {
  const isMine = changes(mine, base, 'originalMaxAge')
  const isTheirs = changes(theirs, base, 'originalMaxAge')
  if (isMine !== isTheirs) return (isMine ? mine : theirs)['expires']
  return (endOf(mine) < endOf(theirs) ? theirs : mine)['expires']
}

/** The lifetime that a session's cookie was given, ms; `undefined` where it has none. */
export function cookieLifetime({ cookie }: SessionContent): number | undefined {
  const lifetime = isPlainObject(cookie) ? cookie['originalMaxAge'] : undefined
  return typeof lifetime === 'number' ? lifetime : undefined
}

/**
 * Whether two lifetimes are one: express-session measures it anew at each request, and may find it
 * some ms off.
 */
export function isSameLifetime(one: number | undefined, other: number | undefined): boolean {
  if (one === undefined || other === undefined) return one === other
  return Math.abs(one - other) <= DRIFT
}

/**
 * Whether a setting is another; express-session measures `originalMaxAge` anew at each request,
 * some milliseconds off.
 */
function changes(cookie: SessionContent, base: SessionContent, key: string): boolean {
  const [one, other] = [own(cookie, key), own(base, key)]
  return typeof one === 'number' && typeof other === 'number'
    ? !isSameLifetime(one, other)
    : !isSame(one, other)
}

/** By how much `originalMaxAge` may be off without anybody having meant it, ms. */
const DRIFT = 20

/** A cookie without an expiry lives as long as its browser: nothing is later. */
function endOf(cookie: SessionContent): number {
  const { expires } = cookie
  if (typeof expires !== 'string' && !(expires instanceof Date)) return Infinity
  const time = new Date(expires).getTime()
  return Number.isNaN(time) ? -Infinity : time
}
