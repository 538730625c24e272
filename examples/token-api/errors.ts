import type { ErrorRequestHandler, RequestHandler } from 'express'
import { SessionError } from 'holdfast/tokens'
import { EmailTakenError, InvalidUserError, isOutage } from 'holdfast/users'

/** What this API itself says no with; answered as holdfast answers its own errors. */
export class Refusal extends Error {
  override readonly name = 'Refusal'

  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
  ) {
    super(message)
  }
}

/** The answer to a path that nothing else answered. */
export const notFound: RequestHandler = () => {
  throw new Refusal(404, 'not-found', 'There is nothing here')
}

/**
 * Says what went wrong underneath as the API says it. Where users can not be had that is a 503, as where
 * sessions can not: nobody is logged out because a database is away.
 */
export const explainErrors: ErrorRequestHandler = (error: unknown, _req, _res, next) => {
  next(explained(error))
}

function explained(error: unknown): unknown {
  if (error instanceof SessionError) return error
  if (isOutage(error)) {
    return new SessionError('unavailable', 'The users could not be reached', { cause: error })
  }
  if (error instanceof EmailTakenError) {
    return new Refusal(409, 'email-taken', 'Somebody has that address already')
  }
  if (error instanceof InvalidUserError) return new SessionError('invalid-input', error.message)
  // What Express's own parsers refuse: bad JSON, a body that is too long. Its message repeats what was sent.
  const { status } = Object(error) as { readonly status?: unknown }
  if (typeof status !== 'number' || status < 400 || status > 499 || error instanceof Refusal) {
    return error
  }
  return new Refusal(status, 'unreadable', 'The request can not be read')
}

/** Comes last. A mistake of the program is told to the console, and not to a client. */
export const answerRefusals: ErrorRequestHandler = (error: unknown, req, res, next) => {
  if (res.headersSent) {
    next(error)
    return
  }
  if (error instanceof Refusal) {
    const { status, reason, message } = error
    // A 401 says how to do better (RFC 9110, 15.5.2).
    if (status === 401) res.set('WWW-Authenticate', 'Bearer')
    res.status(status).json({ error: { reason, message } })
    return
  }
  const stack = error instanceof Error ? error.stack : undefined
  console.error(`${req.method} ${req.path}: ${stack ?? 'something was thrown that is no error'}`)
  res.status(500).json({ error: { reason: 'unexpected', message: 'Something went wrong here' } })
}
