/**
 * Where the engine reports: pino's four methods, called with fields first and a message second.
 * `console` fits too.
 */
export interface Logger {
  error(fields: object, message: string): void
  warn(fields: object, message: string): void
  info(fields: object, message: string): void
  debug(fields: object, message: string): void
}

const ignore = (): void => undefined

/** Says nothing; the default. */
export const silentLogger: Logger = Object.freeze({
  error: ignore,
  warn: ignore,
  info: ignore,
  debug: ignore,
})
