import type { Logger as EngineLogger } from '../../core/logger.js'
import { SessionError, toSessionError } from './errors.js'

/**
 * Where a {@link SessionManager} reports. `{ ...console, debug: console.log }` fits. What it throws, or
 * rejects with, changes nothing.
 */
export interface Logger {
  error(error: SessionError): void
  warn(message: string, context?: unknown): void
  info(message: string, context?: unknown): void
  debug(message: string, context?: unknown): void
}

type Level = 'warn' | 'info' | 'debug'

/** Tells the logger of the moment, whatever becomes of that. */
export class Reporter {
  #logger: Logger | undefined

  constructor(logger?: Logger) {
    this.#logger = logger
  }

  /** Tells this one from now on. */
  use(logger: Logger): void {
    this.#logger = logger
  }

  error(error: SessionError): void {
    this.#attempt((logger) => logger.error(error))
  }

  tell(level: Level, message: string, context: object): void {
    this.#attempt((logger) => logger[level](message, context))
  }

  /** A method that is async gives a promise, though its type says that it gives nothing. */
  #attempt(report: (logger: Logger) => unknown): void {
    try {
      if (this.#logger) Promise.resolve(report(this.#logger)).catch(ignore)
    } catch {
      // Nobody is left to tell, and no request may fail for it.
    }
  }
}

function ignore(): void {}

/** A logger for an engine, which tells fields first. */
export function engineLogger(reporter: Reporter): EngineLogger {
  const at = (level: Level) => (fields: object, message: string) => {
    reporter.tell(level, message, fields)
  }
  return {
    error: (fields, message) => {
      const { err } = fields as { readonly err?: unknown }
      const { reason } = toSessionError(err)
      reporter.error(new SessionError(reason, message, { cause: err ?? fields }))
    },
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
  }
}
