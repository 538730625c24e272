import { chooseLocale } from './accept-language.js'
import { errorMessage } from './error-messages.js'
import { authenticate, type RequestAuth } from './request-auth.js'
import {
  appendSessionCookie,
  clearSessionCookie,
  type FetchHeaders,
  type NodeResponse,
} from './session-cookie.js'
import {
  toTrpcContextSettings,
  type TrpcContextOptions,
  type TrpcContextSettings,
} from './trpc-context-options.js'
import { addressOf, headerOf, userAgentOf, type FetchRequest, type NodeRequest } from './visitor.js'

/** What tRPC says of a request. */
interface CallInfo {
  readonly info?: { readonly accept?: string | null } | undefined
}

/** What tRPC's adapters for Express, node's http and Next's pages make a context of. */
export interface NodeContextSource extends CallInfo {
  readonly req: NodeRequest
  readonly res: NodeResponse
}

/** What tRPC's fetch adapter makes a context of. */
export interface FetchContextSource extends CallInfo {
  readonly req: FetchRequest
  readonly resHeaders: FetchHeaders
}

/** Where cookies go. */
export type CookieTarget<Source> = Source extends {
  readonly resHeaders: infer Headers extends FetchHeaders
}
  ? Headers
  : Source extends { readonly res: infer Response extends NodeResponse }
    ? Response
    : never

/** What a procedure knows of its request. */
export interface TrpcContext<
  Request = NodeRequest | FetchRequest,
  Response = NodeResponse | FetchHeaders,
> extends RequestAuth {
  readonly req: Request

  /** Where cookies go: node's response, or the headers of fetch's. */
  readonly res: Response

  /** The visitor's address; `undefined` where nobody can say. */
  readonly ip: string | undefined
  readonly userAgent: string | undefined

  /** Of `locales`, the one that the visitor wants most. */
  readonly locale: string

  /** The message of a code, in the visitor's locale where `messages` has it. */
  readonly getErrorMessage: (code: string) => string

  /**
   * Sends a session's id to the browser, which is logged in from then on.
   *
   * `ttlSeconds`: by default `AUTH_CONSTANTS.SESSION_MAX_AGE_SECONDS`. A streamed answer
   * (`httpBatchStreamLink`) has sent its headers by then, and throws.
   */
  readonly setSessionCookie: (sessionId: string, ttlSeconds?: number) => void

  /** Has the browser forget the session's id. */
  readonly clearSessionCookie: () => void
}

/** Makes the context of one request, for whichever adapter it came through. */
export interface CreateTrpcContext {
  <Source extends NodeContextSource | FetchContextSource>(
    source: Source,
  ): Promise<TrpcContext<Source['req'], CookieTarget<Source>>>

  /** For `initTRPC.context<typeof createContext>()`. */
  (source: NodeContextSource | FetchContextSource): Promise<TrpcContext>
}

/**
 * Makes the `createContext` of a tRPC server: for the adapters of Express, node's http, Next and
 * fetch, all with one function. A request is looked up once, however many procedures it calls and
 * adapters it goes through.
 *
 * A request that names no session clearly (a malformed Bearer token, two sessions) is a
 * `BAD_REQUEST`. An outage makes nobody anonymous: `authState` is `unavailable`, and the cookie
 * stays.
 *
 * @throws {@link InvalidOptionError}
 */
export function createTrpcContext(options: TrpcContextOptions = {}): CreateTrpcContext {
  const settings = toTrpcContextSettings(options)
  const known = new WeakMap<NodeRequest | FetchRequest, Promise<RequestAuth>>()
  const authOf = (request: NodeRequest | FetchRequest): Promise<RequestAuth> => {
    const auth = known.get(request) ?? authenticate(request, settings)
    known.set(request, auth)
    return auth
  }
  return async <Source extends NodeContextSource | FetchContextSource>(source: Source) => ({
    ...(await authOf(source.req)),
    ...visitorOf(source.req, settings),
    ...cookiesOf(source, settings),
  })
}

function visitorOf<Request extends NodeRequest | FetchRequest>(
  req: Request,
  { proxies, locales, messages }: TrpcContextSettings,
) {
  const locale = chooseLocale(headerOf(req, 'accept-language') ?? '', locales)
  const own = Object.hasOwn(messages, locale) ? messages[locale] : {}
  return {
    req,
    ip: addressOf(req, proxies),
    userAgent: userAgentOf(req),
    locale,
    getErrorMessage: (code: string) => errorMessage(code, own),
  }
}

function cookiesOf<Source extends NodeContextSource | FetchContextSource>(
  source: Source,
  { cookie }: TrpcContextSettings,
) {
  const res = 'resHeaders' in source ? source.resHeaders : source.res
  const target = (): NodeResponse | FetchHeaders => {
    if (source.info?.accept === STREAMED) throw new TypeError(TOO_LATE)
    return res
  }
  return {
    res: res as CookieTarget<Source>,
    setSessionCookie: (sessionId: string, ttlSeconds?: number) =>
      appendSessionCookie(target(), sessionId, { ...cookie, ttlSeconds }),
    clearSessionCookie: () => clearSessionCookie(target(), cookie),
  }
}

const STREAMED = 'application/jsonl'
const TOO_LATE = 'A streamed answer has sent its headers already: call this through httpBatchLink'
