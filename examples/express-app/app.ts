import express, { type CookieOptions, type Express, type RequestHandler } from 'express'
import session from 'express-session'
import helmet from 'helmet'
import type { EngineStore } from 'holdfast/express'
import { answerErrors, notFound } from './errors.js'
import { onDevelopmentMachine, refuseCrossSite, type Authorize } from './guards.js'
import { loginRoutes } from './login-routes.js'
import { sessionRoutes } from './session-routes.js'
import type { Settings } from './settings.js'

/** What the application is made of. */
export interface AppOptions {
  readonly settings: Pick<Settings, 'isProduction' | 'secrets' | 'trustProxy'>
  readonly store: EngineStore

  /** Where the page is. */
  readonly publicFolder: string

  /** Who may list and end everybody's sessions. Default: whoever sits at a development machine; nobody in production. */
  readonly authorize?: Authorize
}

const oneDay = 24 * 60 * 60 * 1000

/** Puts the application together; it neither listens nor opens anything. */
export function createApp(options: AppOptions): Express {
  const { settings, store, publicFolder } = options
  const { isProduction, secrets, trustProxy } = settings
  const { authorize = onDevelopmentMachine(isProduction) } = options
  // `__Host-`: browsers take it over https only, and from no other host of this domain.
  const cookieName = isProduction ? '__Host-sid' : 'sid'
  const cookie: CookieOptions = {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure: isProduction,
    maxAge: oneDay,
  }

  const app = express()
  app.set('trust proxy', trustProxy)
  app.use(headers(isProduction))
  // What needs no session comes first: neither files nor the health check ask for one.
  app.use(express.static(publicFolder))
  app.get('/healthz', health(store))
  app.use(refuseCrossSite, neverCached, express.json({ limit: '10kb' }))
  app.use(
    session({
      store,
      secret: secrets.all,
      name: cookieName,
      cookie,
      resave: false,
      saveUninitialized: false,
    }),
  )
  app.use('/api/session', sessionRoutes(store, authorize))
  app.use(loginRoutes(cookieName, cookie))
  app.use(notFound, answerErrors(isProduction))
  return app
}

/** helmet's defaults, and no inline style. On a development machine there is no https to insist on. */
function headers(isProduction: boolean): RequestHandler {
  return helmet({
    strictTransportSecurity: isProduction,
    contentSecurityPolicy: {
      directives: {
        'style-src': ["'self'"],
        'upgrade-insecure-requests': isProduction ? [] : null,
      },
    },
  })
}

/** Whether sessions can be served, for whoever balances the load: a lost Redis is no reason to leave. */
function health(store: EngineStore): RequestHandler {
  return async (_req, res) => {
    const { status, ledger, cache } = await store.health()
    const tiers = cache ? [cache, ledger] : [ledger]
    res
      .status(status === 'down' ? 503 : 200)
      .set('Cache-Control', 'no-store')
      .json({ status, tiers })
  }
}

const neverCached: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}
