import { afterEach, describe, expect, it } from '@jest/globals'
import express from 'express'
import session from 'express-session'
import request from 'supertest'
import { describeSession, MemorySessionStore } from '../../../../src/doors/express/index.js'

const store = new MemorySessionStore()
afterEach(() => store.clear())

const app = express()
app.use(session({ store, secret: 'of a test', resave: false, saveUninitialized: false }))
app.get('/unsaved', (req, res) => {
  res.json({ description: describeSession(req.session) ?? 'none' })
})
app.get('/saved', (req, res, next) => {
  Object.assign(req.session, { at: Date.now(), by: Math.random() })
  req.session.save((error: unknown) => {
    if (error) next(error)
    else res.json({ cookieId: req.sessionID, description: describeSession(req.session) })
  })
})

interface Answer {
  readonly cookieId: string
  readonly description: { publicId: string; tier?: string; version: number }
}

describe('describeSession', () => {
  it('knows nothing of a session that is not stored', async () => {
    const answer = await request(app).get('/unsaved')

    expect(answer.body).toEqual({ description: 'none' })
  })

  it('has no tier for a session that this request began', async () => {
    const { cookieId, description } = (await request(app).get('/saved')).body as Answer

    expect(description).toEqual({ publicId: store.engine.idOf(cookieId), version: 1 })
  })

  it('names the tier that answered, and the version that was saved', async () => {
    const agent = request.agent(app)
    await agent.get('/saved')
    const { cookieId, description } = (await agent.get('/saved')).body as Answer

    expect(description).toEqual({
      publicId: store.engine.idOf(cookieId),
      tier: 'memory',
      version: 2,
    })
  })

  it('never shows the id that the cookie has', async () => {
    const { cookieId, description } = (await request(app).get('/saved')).body as Answer

    expect(JSON.stringify(description)).not.toContain(cookieId)
  })
})
