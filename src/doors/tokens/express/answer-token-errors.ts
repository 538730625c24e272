import { SessionError } from '../errors.js'
import type { ExpressErrorHandler } from './express-types.js'

/**
 * Answers what this door throws as JSON, with its status and headers: `{ error: { type, reason, message } }`.
 * All else goes on to the next handler. It comes last.
 */
export function answerTokenErrors(): ExpressErrorHandler {
  return (error, _req, res, next) => {
    if (!(error instanceof SessionError) || res.headersSent) {
      next(error)
      return
    }
    const { status, headers, type, reason, message } = error
    res.status(status).set(headers).json({ error: { type, reason, message } })
  }
}
