import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import type { Clock } from '../../../core/clock.js'
import { within } from '../../../engine/deadline.js'
import { SessionError } from '../errors.js'
import { LIMITED, limitOf, type Limited, type RateLimitOptions } from './rate-limit-options.js'

/** What {@link RateLimits} work with. */
export interface RateLimitsOptions extends Omit<RateLimitOptions, 'redis'> {
  /** By which processes count together, or will, once it is opened. */
  readonly redis?: object | Promise<object> | undefined
  readonly clock: Clock

  /** How long Redis may take before this process counts by itself, ms. */
  readonly timeout: number
}

/** Counts what may be guessed, or done too often. A Redis that is lost or frozen stops nobody. */
export class RateLimits {
  readonly #options: RateLimitsOptions

  /** By which this process counts while it can not count together with the others. */
  readonly #own = new Map<Limited, RateLimiterMemory>()
  readonly #shared = new Map<Limited, RateLimiterRedis>()

  constructor({ redis, ...options }: RateLimitsOptions) {
    this.#options = options
    for (const limited of LIMITED)
      this.#own.set(limited, new RateLimiterMemory(toLimiter(limited, options)))
    if (redis) Promise.resolve(redis).then((client) => this.#share(client), ignore)
  }

  /**
   * Counts one more of these.
   *
   * @throws {@link SessionError} of the reason `'rate-limited'`, which says when to ask again.
   */
  async count(limited: Limited, key: string): Promise<void> {
    try {
      if (!(await this.#isCountedTogether(limited, key))) await this.#own.get(limited)?.consume(key)
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal
      const message = 'That was asked for too often: ask again later'
      throw new SessionError('rate-limited', message, { retryAfter: refusal.msBeforeNext })
    }
  }

  /** Not so where Redis fails, or is late: whatever comes of it later counts nowhere else. */
  async #isCountedTogether(limited: Limited, key: string): Promise<boolean> {
    const { clock, timeout } = this.#options
    const counting = this.#shared.get(limited)?.consume(key)
    if (!counting) return false
    try {
      return (await within(counting, timeout, clock)) !== 'late'
    } catch (refusal) {
      if (refusal instanceof RateLimiterRes) throw refusal
      return false
    }
  }

  #share(storeClient: object): void {
    connectLazy(storeClient)
    for (const limited of LIMITED) {
      const options = toLimiter(limited, this.#options)
      const shared = { ...options, storeClient, rejectIfRedisNotReady: true }
      this.#shared.set(limited, new RateLimiterRedis(shared))
    }
  }
}

function toLimiter(limited: Limited, options: RateLimitOptions) {
  const { prefix = 'holdfast:limit:' } = options
  return { ...limitOf(options, limited), keyPrefix: `${prefix}${limited}` }
}

/** A client that connects at its first command gets none before it is connected. */
function connectLazy(client: { readonly status?: unknown; connect?(): Promise<void> }): void {
  if (client.status === 'wait') client.connect?.().catch(ignore)
}

/** Without a driver, or a server, whoever opens sessions tells so. */
function ignore(): void {}
