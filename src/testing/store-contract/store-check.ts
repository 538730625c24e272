import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { LedgerStats } from '../../core/ledger.js'
import type { SessionSummary } from '../../core/record.js'
import type { SessionOptions } from '../../core/session-options.js'

/** Node's callback, as a store calls it. */
export type StoreCallback<T = void> = (error: unknown, result?: T) => void

/** A session of a request: express-session's own class, with what the application keeps in it. */
export interface RequestSession {
  readonly id: string
  save(callback: (error: unknown) => void): unknown
  reload(callback: (error: unknown) => void): unknown
}

/** What the contract asks of a store: an express-session Store, and what is more than that. */
export interface CheckedStore {
  get(sid: string, callback: StoreCallback<object | null>): void
  get(sid: string): Promise<object | null>
  set(sid: string, session: object, callback: StoreCallback): void
  set(sid: string, session: object): Promise<void>
  touch(sid: string, session: object, callback: StoreCallback): void
  touch(sid: string, session: object): Promise<void>
  destroy(sid: string | readonly string[], callback: StoreCallback): void
  destroy(sid: string | readonly string[]): Promise<void>
  all(callback: StoreCallback<Record<string, object>>): void
  all(): Promise<Record<string, object>>
  ids(callback: StoreCallback<string[]>): void
  ids(): Promise<string[]>
  length(callback: StoreCallback<number>): void
  length(): Promise<number>
  clear(callback: StoreCallback): void
  clear(): Promise<void>
  load(sid: string, callback: StoreCallback<object>): void
  createSession(req: object, session: object): RequestSession
  ready(): Promise<void>
  sessionsOf(userId: string | number): Promise<SessionSummary[]>
  revoke(publicId: string, reason?: string): Promise<boolean>
  destroyUser(userId: string | number, options?: { except?: string }): Promise<number>
  sweep(): Promise<{ readonly removed: number }>
  stats(): Promise<LedgerStats>
  health(): Promise<{ readonly status: string }>
  close(): Promise<void>
}

/**
 * Opens a store. The storage is empty when a check begins; what one check opens may share it or
 * not. The opener's owner closes what was opened.
 */
export type OpenStore = (options?: SessionOptions) => Promise<CheckedStore>

/** One promise of a store, and how to see that it is kept. */
export interface StoreCheck {
  /** The promise: a sentence in the present. */
  readonly name: string

  /** Rejects with an `AssertionError` where the promise is not kept. */
  check(open: OpenStore): Promise<void>
}

/** ms. */
export const SECOND = 1000

/** ms. */
export const HOUR = 3600 * SECOND

/** A lifetime that is over after {@link soon}. */
export const BRIEF = 20

/**
 * Waits for what has a lifetime of {@link BRIEF} to be over; the store's own clock is the point.
 */
export async function soon(): Promise<void> {
  await delay(2 * BRIEF)
}

/** A cookie's id that no other check uses. */
export function aSid(): string {
  return randomUUID()
}

/** A session as a caller from outside hands it in, whose cookie has this long to live. */
export function aSession(fields: object = {}, maxAge: number = HOUR): object {
  return { cookie: aCookie(maxAge), ...fields }
}

/** A cookie as JSON has it, but for the date. */
export function aCookie(maxAge: number): object {
  const expires = new Date(Date.now() + maxAge)
  return { originalMaxAge: maxAge, expires, path: '/', httpOnly: true }
}

/** What the store holds for an id; a missing session fails the check. */
export async function held(store: CheckedStore, sid: string): Promise<Record<string, unknown>> {
  const session = await store.get(sid)
  assert.ok(session, 'the session is missing')
  return session as Record<string, unknown>
}

/** What the store holds for an id, but for the cookie. */
export async function contentOf(store: CheckedStore, sid: string): Promise<object> {
  const { cookie: _cookie, ...content } = await held(store, sid)
  return content
}

/** That the store holds nothing for an id. */
export async function assertMissing(store: CheckedStore, sid: string): Promise<void> {
  assert.equal(await store.get(sid), null)
}

/** When the cookie of a session expires, epoch ms; one without an expiry fails the check. */
export function expiryOf({ cookie }: Record<string, unknown>): number {
  const { expires } = cookie as { expires?: unknown }
  assert.ok(expires instanceof Date, 'cookie.expires is no date')
  return expires.getTime()
}

/** That two times are the same but for the time that the way takes. */
export function assertNear(actual: number, expected: number): void {
  const distance = Math.abs(actual - expected)
  assert.ok(distance < 2 * SECOND, `${actual} is ${distance} ms from ${expected}`)
}

/** What a store needs of a request; it puts the session there. */
interface VisitRequest {
  readonly sessionID: string
  readonly sessionStore: CheckedStore
  session?: RequestSession
}

/** A session of a request, as the middleware makes it from what the store holds. */
export interface Visit {
  readonly req: VisitRequest

  /** The session, with what the application keeps in it. */
  readonly session: RequestSession & Record<string, unknown>
}

/** The session of a request that comes with this cookie. */
export async function visit(store: CheckedStore, sid: string): Promise<Visit> {
  return begin(store, sid, await held(store, sid))
}

/** The session of a request that comes without a cookie, and is given this id. */
export function begin(store: CheckedStore, sid: string, data: object = aSession()): Visit {
  const req: VisitRequest = { sessionID: sid, sessionStore: store }
  return { req, session: store.createSession(req, data) as Visit['session'] }
}

/** Saves a session as the middleware does at the end of a request. */
export function save(session: RequestSession): Promise<void> {
  return promisify((done: (error: unknown) => void) => session.save(done))()
}

/** Stores a new session by a request, and gives its id. */
export async function stored(store: CheckedStore, fields: object = {}): Promise<string> {
  const sid = aSid()
  await save(Object.assign(begin(store, sid).session, fields))
  return sid
}

/** Puts these fields into the session of a request, and saves it. */
export async function change({ session }: Visit, fields: object): Promise<void> {
  await save(Object.assign(session, fields))
}

/** Two requests that hold the session at the same time. */
export async function twoVisits(store: CheckedStore, sid: string): Promise<[Visit, Visit]> {
  return [await visit(store, sid), await visit(store, sid)]
}
