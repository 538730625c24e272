import { isPlainObject, type SessionContent } from '../../../core/merge.js'
import { hashOf, successorOf, type RefreshToken } from './refresh-tokens.js'

/** The refresh tokens of a session, of which one is good. Times are epoch ms in the ledger's time. */
export interface TokenFamily {
  /** Which one. */
  readonly generation: number

  /** The hash of its secret: what is stored lets nobody in. */
  readonly hash: string

  /** When it was issued. */
  readonly issuedAt: number

  /** When the family ends, however often it is refreshed. */
  readonly endsAt: number
}

/**
 * What a token that is ours comes to. `current`: it is the good one. `retry`: it was used a moment ago,
 * and its successor is given again. `reused`: it was used longer ago than that, or its successor was used
 * as well, so that two have it.
 * `unknown`: this family did not issue it.
 */
export type Standing =
  | { readonly kind: 'current' }
  | { readonly kind: 'retry'; readonly successor: IssuedToken }
  | { readonly kind: 'reused' }
  | { readonly kind: 'unknown' }

/** A refresh token, and when it was issued. */
export interface IssuedToken {
  readonly token: RefreshToken
  readonly issuedAt: number
}

/** A family that begins with this token. */
export function beginFamily({ token, issuedAt }: IssuedToken, endsAt: number): TokenFamily {
  return { generation: token.generation, hash: hashOf(token), issuedAt, endsAt }
}

/** The family once its token has given way to this one. */
export function followedBy(family: TokenFamily, { token, issuedAt }: IssuedToken): TokenFamily {
  return { ...family, generation: token.generation, hash: hashOf(token), issuedAt }
}

/** How a token that is ours stands with its family; `retryFrom` is how far back retries reach. */
export function standingOf(token: RefreshToken, family: TokenFamily, retryFrom: number): Standing {
  const behind = family.generation - token.generation
  if (behind < 0) return { kind: 'unknown' }
  if (behind === 0) return { kind: hashOf(token) === family.hash ? 'current' : 'unknown' }
  if (behind > 1 || family.issuedAt < retryFrom) return { kind: 'reused' }
  const successor = successorOf(token)
  // Whoever could forge our tag would still be given nothing.
  if (hashOf(successor) !== family.hash) return { kind: 'unknown' }
  return { kind: 'retry', successor: { token: successor, issuedAt: family.issuedAt } }
}

/** The family that a session has; `undefined` for one of another door. */
export function familyIn({ tokens }: SessionContent): TokenFamily | undefined {
  if (!isPlainObject(tokens)) return undefined
  const { generation, hash, issuedAt, endsAt } = tokens
  const isWhole =
    Number.isSafeInteger(generation) &&
    typeof hash === 'string' &&
    typeof issuedAt === 'number' &&
    typeof endsAt === 'number'
  return isWhole ? (tokens as unknown as TokenFamily) : undefined
}
