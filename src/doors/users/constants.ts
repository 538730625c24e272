/** What managers are made with. Times are ms. */
export const SESSION_CONSTANTS = Object.freeze({
  /** What {@link getEnvironment} tells apart. */
  ENVIRONMENTS: Object.freeze({
    MOCK: 'mock',
    DEVELOPMENT: 'development',
    PRODUCTION: 'production',
  }),
  DATABASE: Object.freeze({
    /** Of one client's pool. */
    MAX_CONNECTIONS: 10,

    /** How long a statement waits for a connection of the pool. */
    CONNECTION_TIMEOUT: 30_000,
  }),
  REDIS: Object.freeze({
    /** How often a Redis that is the only place of sessions is asked again before `ready()` fails. */
    MAX_RETRIES: 3,
  }),
} as const)

/** What logins are made with. */
export const AUTH_CONSTANTS = Object.freeze({
  /** How long a session lives, and its cookie: seven days. */
  SESSION_MAX_AGE_SECONDS: 604_800,
  SET_COOKIE_HEADER: 'Set-Cookie',
} as const)
