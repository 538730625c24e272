import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express, { type ErrorRequestHandler, type RequestHandler } from 'express'
import session, { type Store } from 'express-session'

/** An Express app over a store, on a port of its own. */
export interface SessionsApp {
  readonly url: string
  /** What was handed to `next`, oldest first. */
  readonly errors: readonly Error[]
  close(): Promise<void>
}

/** Starts an app that logs in, shows, changes and logs out, each saved before it answers. */
export async function startApp(store: Store): Promise<SessionsApp> {
  const errors: Error[] = []
  const remember: ErrorRequestHandler = (error: Error, _req, _res, next) => {
    errors.push(error)
    next(error)
  }
  const app = express()
    .use(session({ store, secret: 'a secret', resave: false, saveUninitialized: false }))
    .post('/login/:user', login)
    .get('/session', show)
    .post('/values/:key/:value', change)
    .post('/logout', logout)
    .use(remember)
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    errors,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

type Content = Record<string, unknown>

const login: RequestHandler<{ user: string }> = (req, res, next) => {
  req.session.regenerate((failure: unknown) => {
    if (failure) return next(failure)
    contentOf(req)['userId'] = req.params.user
    req.session.save((error: unknown) => (error ? next(error) : res.sendStatus(204)))
  })
}

const show: RequestHandler = (req, res) => {
  if (contentOf(req)['userId'] === undefined) return void res.sendStatus(401)
  res.json({ ...contentOf(req), cookie: undefined })
}

const change: RequestHandler<{ key: string; value: string }> = (req, res, next) => {
  if (contentOf(req)['userId'] === undefined) return void res.sendStatus(401)
  contentOf(req)[req.params.key] = req.params.value
  req.session.save((error: unknown) => (error ? next(error) : res.sendStatus(204)))
}

const logout: RequestHandler = (req, res, next) => {
  req.session.destroy((error: unknown) => (error ? next(error) : res.sendStatus(204)))
}

function contentOf(req: Parameters<RequestHandler>[0]): Content {
  return req.session as unknown as Content
}
