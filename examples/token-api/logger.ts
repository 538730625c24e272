import type { Logger as EngineLogger } from 'holdfast'
import type { Logger as TokenLogger } from 'holdfast/tokens'

/** From what only must be told to all that can be. */
export const levels = ['error', 'warn', 'info', 'debug'] as const
export type Level = (typeof levels)[number]

type Report = (message: string, context: unknown) => void

/** What the sessions underneath report. A pino logger fits as it is. */
export function engineLogger(level: Level): EngineLogger {
  const at = (each: Level) => {
    const report = reporter(each, { level, of: 'sessions' })
    return (fields: object, message: string) => report(message, fields)
  }
  return { error: at('error'), warn: at('warn'), info: at('info'), debug: at('debug') }
}

/** What the token manager reports. `{ ...console, debug: console.log }` fits as well. */
export function tokenLogger(level: Level): TokenLogger {
  const at = (each: Level) => reporter(each, { level, of: 'tokens' })
  const error = at('error')
  return {
    error: (failure) => error(failure.message, failure),
    ...{ warn: at('warn'), info: at('info'), debug: at('debug') },
  }
}

/** Says nothing of what is below the level. What holdfast reports holds no token, secret or address. */
function reporter(each: Level, { level, of }: { level: Level; of: string }): Report {
  if (levels.indexOf(each) > levels.indexOf(level)) return () => {}
  return (message, context) => {
    const line = `${each} ${of}: ${message}`
    if (each === 'error' || each === 'warn') console.error(line, context)
    else console.log(line, context)
  }
}
