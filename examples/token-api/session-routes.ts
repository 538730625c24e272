import { Router } from 'express'
import { authOf, requirePermission, requireToken, SessionError } from 'holdfast/tokens'
import type { User } from 'holdfast/users'
import { Refusal } from './errors.js'
import type { Services } from './services.js'

/** What is for whoever brings an access token. */
export function sessionRoutes({ users, tokens: manager }: Services): Router {
  const router = Router()
  const signedIn = requireToken({ manager })

  router.get('/me', requirePermission('read:profile', { manager }), async (req, res) => {
    const { user, session } = authOf(req)
    const account = await users.findById(user.id)
    if (!account) throw new SessionError('unknown-user', 'There is no such user')
    res.json({ ...toView(account), permissions: user.permissions, session })
  })

  router.get('/users', requirePermission('read:users', { manager }), async (_req, res) => {
    const all = await users.getAll()
    res.json(all.map(toView))
  })

  router.get('/sessions', signedIn, async (req, res) => {
    const { user, session } = authOf(req)
    const sessions = await manager.getActiveSessions({ userId: user.id })
    res.json(sessions.map((each) => ({ ...each, isCurrent: each.id === session.id })))
  })

  // Of the own sessions, by the id that the list shows: nobody else's is found.
  router.delete('/sessions/:id', signedIn, async (req, res) => {
    const { user } = authOf(req)
    const isEnded = await users.revokeSession(user.id, req.params.id)
    if (!isEnded) throw new Refusal(404, 'not-found', 'You have no such session')
    res.status(204).end()
  })

  router.delete('/sessions', signedIn, async (req, res) => {
    const { user, session } = authOf(req)
    const others = await manager.revokeAllSessions(user.id, { except: session.id })
    if (!others.success) throw others.error
    res.json({ ended: others.revoked })
  })

  return router
}

/** A user as a client may see one. */
function toView({ id, email, name, role }: User) {
  return { id, email, name, role }
}
