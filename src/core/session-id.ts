import { hash } from 'node:crypto'

declare const sessionId: unique symbol

/**
 * The *public id*: how a session is named in ledgers, caches, lists, logs and events. Never the
 * cookie's id, which is a password.
 */
export type SessionId = string & { readonly [sessionId]: true }

/** A namespace of sessions; sessions of one context can not be named from another. */
export type Context = string

/** Whether the value may be a {@link Context}: 1 to 64 letters, digits, `_` and `-`. */
export function isContext(value: unknown): value is Context {
  return typeof value === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(value)
}

/**
 * Turns the id that a cookie holds into the public id, or `undefined` where the value can not be an
 * id.
 */
export type Identify = (cookieId: unknown) => SessionId | undefined

/** The base64url SHA-256 of context and cookie's id: 43 characters that can not be turned back. */
export function hashedIds(context: Context): Identify {
  return (cookieId) => {
    const text = toText(cookieId)
    if (text === undefined) return undefined
    return hash('sha256', inContext(context, text), 'base64url') as SessionId
  }
}

/** Bytes of a public id: Postgres refuses an index entry of more than 2,704. */
const MOST_BYTES = 2_048

/**
 * The cookie's id as it is, behind its context; for `hashSessionIds: false`. NUL and the separators
 * U+001E and U+001F are refused, and ids over 1,024 characters or some 2,000 bytes.
 */
export function plainIds(context: Context): Identify {
  return (cookieId) => {
    const text = toText(cookieId)
    if (text === undefined || text.length > 1024) return undefined
    return parseSessionId(inContext(context, text))
  }
}

/** How these settings name sessions. */
export function identifierOf(settings: {
  readonly context: Context
  readonly hashSessionIds: boolean
}): Identify {
  const { context, hashSessionIds } = settings
  return hashSessionIds ? hashedIds(context) : plainIds(context)
}

/** Postgres stores no NUL, and the two others stand between what statements take and give. */
const UNFIT = ['\0', '\x1e', '\x1f'] as const

/** Takes what somebody says is a public id, or `undefined` where it can not be one. */
export function parseSessionId(publicId: unknown): SessionId | undefined {
  if (typeof publicId !== 'string' || publicId === '') return undefined
  if (UNFIT.some((each) => publicId.includes(each))) return undefined
  return Buffer.byteLength(publicId) > MOST_BYTES ? undefined : (publicId as SessionId)
}

/** Takes a text that a list showed, or a row held, as the public id that it is. */
export function toSessionId(publicId: string): SessionId {
  return publicId as SessionId
}

/**
 * Both as one text. No two pairs share one: a context has neither colon nor dot, and lone
 * surrogates, which UTF-8 would make all the same, are told apart as JSON writes them.
 */
function inContext(context: Context, text: string): string {
  return text.isWellFormed() ? `${context}:${text}` : `${context}.${JSON.stringify(text)}`
}

function toText(cookieId: unknown): string | undefined {
  if (typeof cookieId === 'string') return cookieId === '' ? undefined : cookieId
  if (typeof cookieId === 'number' && Number.isFinite(cookieId)) return String(cookieId)
  return undefined
}
