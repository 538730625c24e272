import { Router } from 'express'
import type { SessionSummary } from 'holdfast'
import { describeSession, type EngineStore } from 'holdfast/express'
import { requires, type Authorize } from './guards.js'
import { settled, viewOf } from './session-view.js'

/** `/api/session`: a session that counts, and the list of all of them for who is authorized. */
export function sessionRoutes(store: EngineStore, authorize: Authorize): Router {
  const router = Router()

  router.get('/test-session', async (req, res) => {
    req.session.visits = (req.session.visits ?? 0) + 1
    // Saved before the answer: what it says is then durable, and a failure is an error that can be answered.
    await settled((done) => req.session.save(done))
    res.json(viewOf(req))
  })

  router.use('/sessions', requires(authorize))

  router.get('/sessions', async (req, res) => {
    const mine = describeSession(req.session)?.publicId
    const sessions: ReturnType<typeof redacted>[] = []
    for await (const summary of store.engine.summaries()) sessions.push(redacted(summary, mine))
    res.json({ count: sessions.length, sessions })
  })

  router.delete('/sessions', async (_req, res) => {
    res.json({ removed: await store.engine.removeAll() })
  })

  return router
}

/** What a list may show: neither what is in a session, nor anything by which it could be taken over. */
function redacted(summary: SessionSummary, mine: string | undefined) {
  const { id, userId = null, createdAt, lastSeenAt, expiresAt } = summary
  return {
    id,
    userId,
    createdAt: new Date(createdAt).toISOString(),
    lastSeenAt: new Date(lastSeenAt).toISOString(),
    expiresAt: new Date(expiresAt).toISOString(),
    isYours: id === mine,
  }
}
