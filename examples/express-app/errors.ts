import type { ErrorRequestHandler, RequestHandler } from 'express'
import { ClosedError, LedgerUnavailableError, MigrationRequiredError } from 'holdfast'

/** The answer to a path that nothing else answered. */
export const notFound: RequestHandler = (req, res) => {
  res.status(404).json({ error: 'NOT_FOUND', message: `There is no ${req.method} ${req.path}` })
}

/**
 * Errors as JSON. Where sessions can not be had that is a 503, and says nothing about the visitor: nobody is logged out
 * because a database is away. Stack traces go to the console, never to a browser.
 */
export function answerErrors(isProduction: boolean): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) {
      next(error)
      return
    }
    const { status, code, message } = describe(error)
    if (status === 503) res.set('Retry-After', '5')
    if (status === 500) console.error(error)
    // Without its session the answer sets no cookie for one that was never stored, and nothing is saved after it.
    if (status >= 500) Reflect.deleteProperty(req, 'session')
    // A 4xx says it in its message already.
    const isTold = status < 500 || isProduction || !(error instanceof Error)
    const detail = isTold ? {} : { detail: error.message }
    res.status(status).json({ error: code, message, ...detail })
  }
}

function describe(error: unknown): { status: number; code: string; message: string } {
  if (isOutage(error)) {
    const message = 'Sessions can not be had just now, please try again'
    return { status: 503, code: error.code, message }
  }
  // What Express's own parsers refuse says so itself: bad JSON, a body that is too long.
  const { status, message } = Object(error) as { status?: unknown; message?: string }
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, code: 'BAD_REQUEST', message: message ?? 'The request can not be understood' }
  }
  return { status: 500, code: 'INTERNAL', message: 'Something went wrong here' }
}

function isOutage(error: unknown): error is { code: string } {
  return [LedgerUnavailableError, MigrationRequiredError, ClosedError].some(
    (outage) => error instanceof outage,
  )
}
