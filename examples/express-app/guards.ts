import type { Request, RequestHandler } from 'express'

/** Whether a request may see and end everybody's sessions. */
export type Authorize = (req: Request) => boolean | Promise<boolean>

const loopback = /^(?:::ffff:)?127\.|^::1$/

/** Whoever sits at the machine itself, unless it serves in production: the default of {@link requires}. */
export function onDevelopmentMachine(isProduction: boolean): Authorize {
  return (req) => {
    const isForwarded =
      req.get('x-forwarded-for') !== undefined || req.get('forwarded') !== undefined
    return !isProduction && !isForwarded && loopback.test(req.socket.remoteAddress ?? '')
  }
}

/** Leaves the router for whom it is not: they get the 404 of any path that does not exist. */
export function requires(authorize: Authorize): RequestHandler {
  return async (req, _res, next) => {
    if (await authorize(req)) next()
    else next('router')
  }
}

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/** Another site's page may not change anything here with a visitor's cookie. Programs that are no browsers send neither header. */
export const refuseCrossSite: RequestHandler = (req, res, next) => {
  if (safeMethods.includes(req.method) || isFromHere(req)) {
    next()
    return
  }
  res.status(403).json({ error: 'CROSS_SITE', message: 'Another site may not ask for this' })
}

function isFromHere(req: Request): boolean {
  const site = req.get('sec-fetch-site')
  if (site !== undefined) return site === 'same-origin' || site === 'none'
  const origin = req.get('origin')
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === req.host
}
