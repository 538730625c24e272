import {
  aFunction,
  checkOptions,
  either,
  integerIn,
  objectWith,
  oneOf,
  type Check,
  type Checks,
} from '../../../core/options.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import type { ErrorMessages } from './error-messages.js'
import { sessionCookieName, type SessionCookieOptions } from './session-cookie.js'
import type { UserManagerInterface } from '../user-manager.js'
import { UserManagerFactory } from '../managers/user-manager-factory.js'

/** What a context asks of a manager: whose session it is, and its public id where there is an engine. */
export interface ContextManager extends Pick<UserManagerInterface, 'findBySessionId'> {
  readonly engine?: Pick<SessionEngine, 'idOf'> | undefined
}

/** The options of {@link createTrpcContext}. */
export interface TrpcContextOptions {
  /**
   * Who knows the sessions, or how to come by it; asked only where a request brings a session.
   * Default: `UserManagerFactory.createForContext`.
   */
  readonly manager?: MaybePromise<ContextManager> | (() => MaybePromise<ContextManager>) | undefined

  /** Which cookie holds the session id. */
  readonly cookie?: SessionCookieOptions | undefined

  /**
   * How many proxies are in front, each of which adds to X-Forwarded-For. Default: `false`, which is
   * none; Express's own `trust proxy` counts then.
   */
  readonly trustProxy?: number | false | undefined

  /** Which languages are spoken; the first where a visitor wants none of them. Default: `['en']`. */
  readonly locales?: readonly string[] | undefined

  /** What `getErrorMessage` says, by locale and code. Default: English for the codes of tRPC. */
  readonly messages?: Readonly<Record<string, ErrorMessages>> | undefined
}

/** The options of {@link createTrpcContext}, checked and complete. */
export interface TrpcContextSettings {
  readonly manager: () => MaybePromise<ContextManager>
  readonly cookie: SessionCookieOptions
  readonly proxies: number
  readonly locales: readonly [string, ...string[]]
  readonly messages: Readonly<Record<string, ErrorMessages>>
}

type MaybePromise<T> = T | Promise<T>

const anObject: Check = (value) =>
  typeof value === 'object' && value !== null ? undefined : 'must be an object'

const languageTag = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/

const languageTags: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((tag) => languageTag.test(String(tag)))
    ? undefined
    : "must be a list of language tags, like 'en' or 'de-AT'"

const checks: Checks<TrpcContextOptions> = {
  manager: either(objectWith('findBySessionId'), objectWith('then'), aFunction),
  cookie: anObject,
  trustProxy: either(integerIn(0, 100), oneOf(false)),
  locales: languageTags,
  messages: anObject,
}

/** @throws {@link InvalidOptionError} for an option that is unknown or malformed. */
export function toTrpcContextSettings(options: TrpcContextOptions): TrpcContextSettings {
  checkOptions(options, checks)
  const { manager = UserManagerFactory.createForContext, ...rest } = options
  const { cookie = {}, trustProxy = false, locales = [], messages = {} } = rest
  const [first = 'en', ...others] = locales
  sessionCookieName(cookie)
  return {
    manager: typeof manager === 'function' ? manager : () => manager,
    cookie,
    proxies: trustProxy === false ? 0 : trustProxy,
    locales: [first, ...others],
    messages,
  }
}
