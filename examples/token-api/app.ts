import express, { type Express, type RequestHandler } from 'express'
import helmet from 'helmet'
import { answerTokenErrors } from 'holdfast/tokens'
import { answerRefusals, explainErrors, notFound, Refusal } from './errors.js'
import { loginRoutes } from './login-routes.js'
import type { Services } from './services.js'
import { sessionRoutes } from './session-routes.js'
import type { Settings } from './settings.js'

/** What the application is made of. */
export interface AppOptions {
  readonly settings: Pick<Settings, 'isProduction' | 'proxies'>
  readonly services: Services
}

/** Puts the application together; it neither listens nor opens anything. */
export function createApp({ settings, services }: AppOptions): Express {
  const { isProduction, proxies } = settings
  const app = express()
  app.set('trust proxy', proxies)
  app.use(helmet({ strictTransportSecurity: isProduction }))
  app.use(neverCached, onlyJson, express.json({ limit: '10kb' }))
  app.use(loginRoutes(services))
  app.use(sessionRoutes(services))
  app.use(notFound)
  app.use(explainErrors, answerTokenErrors(), answerRefusals)
  return app
}

/** Tokens are in these answers, and who somebody is (RFC 6749, 5.1). */
const neverCached: RequestHandler = (_req, res, next) => {
  res.set('Cache-Control', 'no-store')
  next()
}

/** A page of another site can send a form without asking; JSON it can not. */
const onlyJson: RequestHandler = (req, _res, next) => {
  if (req.is('application/json') === false) throw new Refusal(415, 'no-json', 'Send JSON')
  next()
}
