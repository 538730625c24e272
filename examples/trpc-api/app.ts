import { createExpressMiddleware } from '@trpc/server/adapters/express'
import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { createTrpcContext, type ContextManager, type UserManagerInterface } from 'holdfast/users'
import { createRouter } from './router.js'
import type { Settings } from './settings.js'

/** What the application is made of. */
export interface AppOptions {
  readonly settings: Pick<Settings, 'isProduction' | 'proxies'>
  readonly users: UserManagerInterface & ContextManager
}

/** Puts the application together; it neither listens nor opens anything. */
export function createApp({ settings, users }: AppOptions): Express {
  const { isProduction, proxies } = settings
  const app = express()
  app.use(helmet({ strictTransportSecurity: isProduction }))
  app.use('/trpc', neverCached, onlyJson, neverStreamed)
  app.use(
    '/trpc',
    createExpressMiddleware({
      router: createRouter(users),
      createContext: createTrpcContext({
        manager: users,
        trustProxy: proxies,
        cookie: { isProduction },
        locales: ['en', 'de'],
        messages: { de: german },
      }),
      // A batch of a thousand logins would be a thousand guesses for one request.
      maxBatchSize: 20,
      maxBodySize: 10_000,
      onError: ({ error, path = '?' }) => {
        if (error.code === 'INTERNAL_SERVER_ERROR') reportMistake(path, error.cause ?? error)
      },
    }),
  )
  return app
}

/** Neither the input nor the fields of an error are printed: there are addresses and passwords in them. */
function reportMistake(path: string, error: Error): void {
  console.error(`${path}: ${error.stack ?? error.name}`)
}

/**
 * Another site's page can send a form with a visitor's cookie, and tRPC takes forms for mutations as
 * well. JSON it can not send without asking first, and nobody here says yes.
 */
const onlyJson: RequestHandler = (req, res, next) => {
  const { 'content-type': type = '' } = req.headers
  if (req.method === 'GET' || /^application\/json\b/i.test(type)) {
    next()
    return
  }
  res.status(415).json({ error: 'UNSUPPORTED_MEDIA_TYPE', message: 'Send JSON' })
}

/** A streamed answer has sent its headers before a login, or a logout, can set its cookie. */
const neverStreamed: RequestHandler = (req, res, next) => {
  const { accept = '', 'trpc-accept': wanted = '' } = req.headers
  if (!`${accept} ${String(wanted)}`.includes('jsonl')) {
    next()
    return
  }
  res.status(406).json({ error: 'NOT_ACCEPTABLE', message: 'Use httpLink or httpBatchLink' })
}

const neverCached: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}

const german = {
  UNAUTHORIZED: 'Bitte anmelden',
  SERVICE_UNAVAILABLE: 'Das ist gerade nicht zu sagen, bitte noch einmal versuchen',
}
