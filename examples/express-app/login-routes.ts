import { Router, type CookieOptions, type Request } from 'express'
import type { SessionData } from 'express-session'
import { settled, viewOf } from './session-view.js'

const longestName = 64

/** Logging in and out. There is no password: this is an example of sessions, not of how to know who somebody is. */
export function loginRoutes(cookieName: string, cookie: CookieOptions): Router {
  const router = Router()

  router.post('/login', async (req, res) => {
    const user = nameIn(req.body)
    if (user === undefined) {
      const message = `Send { "user": … }, a name of 1 to ${longestName} characters`
      res.status(400).json({ error: 'NO_USER', message })
      return
    }
    const { visits = 0 } = req.session
    await replaceSession(req, { visits, userId: user })
    res.json(viewOf(req))
  })

  router.get('/me', (req, res) => {
    const view = viewOf(req)
    if (view.user !== null) res.json(view)
    else res.status(401).json({ error: 'NOT_LOGGED_IN', message: 'Nobody is logged in', ...view })
  })

  router.post('/logout', async (req, res) => {
    await settled((done) => req.session.destroy(done))
    const { maxAge, ...attributes } = cookie
    res.clearCookie(cookieName, attributes).json({ user: null })
  })

  return router
}

/**
 * Goes on with a new id, so that one which somebody planted before the login is worth nothing after it. The new session
 * is stored before the old one ends: `regenerate` has it the other way round, and where Postgres is away between the
 * two, the visitor would be left with neither.
 */
async function replaceSession(req: Request, content: Partial<SessionData>): Promise<void> {
  const { sessionID: oldId, sessionStore } = req
  sessionStore.generate(req)
  Object.assign(req.session, content)
  await settled((done) => req.session.save(done))
  await settled((done) => sessionStore.destroy(oldId, done))
}

function nameIn(body: unknown): string | undefined {
  const { user } = Object(body) as { user?: unknown }
  const name = typeof user === 'string' ? user.trim() : ''
  return name !== '' && name.length <= longestName ? name : undefined
}
