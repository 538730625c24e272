import { CredentialError, isOutage } from '../errors.js'
import { errorMessage } from './error-messages.js'
import { readCredential } from './session-credential.js'
import type { TrpcContextSettings } from './trpc-context-options.js'
import { trpcError } from './trpc-error.js'
import type { User } from '../user.js'
import { headerOf, type FetchRequest, type NodeRequest } from './visitor.js'

/**
 * What is known of who asks. `unavailable`: nobody could tell, because what knows it is away; that
 * is no `anonymous`.
 */
export type AuthState = 'anonymous' | 'authenticated' | 'unavailable'

/** Who asks, by the session that the request names. */
export interface RequestAuth {
  readonly authState: AuthState

  /**
   * Who is logged in; `null` unless `authState` is `authenticated`. Without the `hashedPassword`,
   * so that an answer may hold it.
   */
  readonly user: User | null

  /** What the request brought, be it somebody's or nobody's. A password: it is not for logs. */
  readonly sessionId: string | undefined

  /** The session as lists show it, where somebody is logged in and the manager has an `engine`. */
  readonly publicId: string | undefined
}

/**
 * Asks the manager who it is. It says `BAD_REQUEST` to what names no session clearly; any failure
 * but an outage is the `cause` of an `INTERNAL_SERVER_ERROR`.
 */
export async function authenticate(
  request: NodeRequest | FetchRequest,
  settings: Pick<TrpcContextSettings, 'manager' | 'cookie'>,
): Promise<RequestAuth> {
  const sessionId = await credentialOf(request, settings)
  const nobody = { user: null, sessionId, publicId: undefined }
  if (sessionId === undefined) return { authState: 'anonymous', ...nobody }
  try {
    const manager = await settings.manager()
    const found = await manager.findBySessionId(sessionId)
    if (!found) return { authState: 'anonymous', ...nobody }
    const { hashedPassword, ...user } = found
    const publicId = manager.engine?.idOf(sessionId)
    return { authState: 'authenticated', user, sessionId, publicId }
  } catch (error) {
    if (isOutage(error)) return { authState: 'unavailable', ...nobody }
    // Of anybody: the message of what is wrong here is not for visitors.
    const message = errorMessage('INTERNAL_SERVER_ERROR')
    throw await trpcError('INTERNAL_SERVER_ERROR', { message, cause: error })
  }
}

async function credentialOf(
  request: NodeRequest | FetchRequest,
  { cookie }: Pick<TrpcContextSettings, 'cookie'>,
): Promise<string | undefined> {
  const headers = {
    cookie: headerOf(request, 'cookie'),
    authorization: headerOf(request, 'authorization'),
  }
  try {
    return readCredential(headers, cookie)
  } catch (error) {
    if (!(error instanceof CredentialError)) throw error
    throw await trpcError('BAD_REQUEST', { message: error.message, cause: error })
  }
}
