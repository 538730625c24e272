import type { Request } from 'express'
import { describeSession } from 'holdfast/express'
import './session-data.js'

/** A session as its owner may see it. */
export interface SessionView {
  /** The public id; the cookie's, which is as good as a password, stays in the cookie. */
  readonly sessionId: string | null
  readonly visits: number
  readonly user: string | null

  /** Which tier the session was read from; `null` for one that began with this request. */
  readonly tier: string | null
}

/** The request's session, once it is saved. */
export function viewOf({ session }: Request): SessionView {
  const { publicId, tier } = describeSession(session) ?? {}
  return {
    sessionId: publicId ?? null,
    visits: session.visits ?? 0,
    user: session.userId ?? null,
    tier: tier ?? null,
  }
}

type Done = (error?: Error | null) => void

/** Calls one of express-session's methods, and waits for it: `await settled((done) => req.session.save(done))`. */
export function settled(call: (done: Done) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => {
      if (error) reject(error)
      else resolve()
    })
  })
}
