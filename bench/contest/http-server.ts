import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import session from 'express-session'
import { LIFETIME, sampleSession } from '../contestants/sample-session.ts'
import type { Contender } from './contender.ts'

/** Serves an Express application over the contender's store, at the URL that it resolves with. */
export async function serveSessions({ store }: Contender): Promise<string> {
  if (!store) throw new Error('This contender has no store')
  const app = express()
  app.disable('x-powered-by')
  app.use(
    session({
      store: store(),
      secret: 'not a secret',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: LIFETIME },
    }),
  )
  app.post('/login', (request, response) => {
    const { cookie, ...sample } = sampleSession(0)
    Object.assign(request.session, sample)
    response.json({ ok: true, path: cookie.path })
  })
  app.get('/read', (request, response) => {
    response.json({ userId: request.session.userId, visits: request.session.visits })
  })
  app.get('/write', (request, response) => {
    request.session.visits = (request.session.visits ?? 0) + 1
    response.json({ visits: request.session.visits })
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
