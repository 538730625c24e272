import { createHash } from 'node:crypto'
import { SessionError } from 'holdfast/tokens'
import type { Redis } from 'ioredis'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'

const ofOneAccount = { keyPrefix: 'token-api:login:account', points: 10, duration: 60 }
const fromOneAddress = { keyPrefix: 'token-api:login:address', points: 100, duration: 60 }

/** Who wants in, and from where. */
export interface LoginAttempt {
  readonly email: string
  readonly ip: string
}

/**
 * How often passwords may be guessed: of one account from one address, and from one address at all. All
 * instances count together in Redis; while it is away each counts by itself.
 */
export class LoginLimit {
  readonly #accounts
  readonly #addresses

  constructor(redis?: Redis) {
    this.#accounts = toLimiter(ofOneAccount, redis)
    this.#addresses = toLimiter(fromOneAddress, redis)
  }

  /**
   * Counts an attempt before its password is looked at: a hundred at once are a hundred.
   *
   * @throws SessionError that is answered with 429 and `Retry-After`.
   */
  async count(attempt: LoginAttempt): Promise<void> {
    try {
      await this.#addresses.consume(attempt.ip)
      await this.#accounts.consume(keyOf(attempt))
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      const retryAfter = refusal.msBeforeNext
      throw new SessionError('rate-limited', 'Too many logins: try again later', { retryAfter })
    }
  }

  /** Who knows the password has guessed nothing. */
  async forget(attempt: LoginAttempt): Promise<void> {
    await this.#accounts.delete(keyOf(attempt))
  }
}

function toLimiter(settings: typeof ofOneAccount, redis?: Redis) {
  const insuranceLimiter = new RateLimiterMemory(settings)
  if (!redis) return insuranceLimiter
  const storeClient = redis
  return new RateLimiterRedis({
    ...settings,
    ...{ storeClient, insuranceLimiter, rejectIfRedisNotReady: true },
  })
}

/** Redis is to hold nobody's address. */
function keyOf({ email, ip }: LoginAttempt): string {
  const account = `${ip} ${email.trim().toLowerCase()}`
  return createHash('sha256').update(account).digest('base64url')
}
