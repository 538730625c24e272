import { RedisCache } from '../../../src/caches/redis/redis-cache.js'
import { PostgresLedger } from '../../../src/index.js'
import type { Step } from './commands.js'

type Method = (this: unknown, ...args: unknown[]) => unknown

interface Hold {
  readonly when: 'before' | 'after'
  readonly reached: PromiseWithResolver
  readonly released: PromiseWithResolver
  isTaken: boolean
}

/**
 * Stops a worker at a step: the next call of a method of the Postgres ledger or the Redis cache waits before it is
 * made, or with its answer. It stands in the classes themselves, so that the sessions are opened as users open them.
 */
export class Steps {
  readonly #holds = new Map<Step, Hold>()

  constructor() {
    this.#watch('ledger', PostgresLedger.prototype)
    this.#watch('cache', RedisCache.prototype)
  }

  /** The next call waits, once. */
  hold(step: Step, when: Hold['when']): void {
    const [reached, released] = [withResolver(), withResolver()]
    this.#holds.set(step, { when, reached, released, isTaken: false })
  }

  /** Resolves as soon as the call waits there. */
  async reached(step: Step): Promise<void> {
    await this.#holds.get(step)?.reached.promise
  }

  /** What waits there goes on. */
  release(step: Step): void {
    this.#holds.get(step)?.released.resolve()
    this.#holds.delete(step)
  }

  /** Everything goes on. */
  releaseAll(): void {
    for (const step of this.#holds.keys()) this.release(step)
  }

  #watch(tier: 'ledger' | 'cache', prototype: object): void {
    const methods = prototype as Record<string, Method>
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown
      if (name === 'constructor' || name === 'now' || typeof method !== 'function') continue
      const hold = () => this.#take(`${tier}.${name}`)
      methods[name] = function (...args) {
        const held = hold()
        return held
          ? callHeld(held, () => method.apply(this, args) as unknown)
          : method.apply(this, args)
      }
    }
  }

  #take(step: Step): Hold | undefined {
    const hold = this.#holds.get(step)
    if (!hold || hold.isTaken) return undefined
    hold.isTaken = true
    return hold
  }
}

async function callHeld({ when, reached, released }: Hold, call: () => unknown): Promise<unknown> {
  const answer = when === 'after' ? await call() : undefined
  reached.resolve()
  await released.promise
  return when === 'after' ? answer : call()
}

interface PromiseWithResolver {
  readonly promise: Promise<void>
  readonly resolve: () => void
}

function withResolver(): PromiseWithResolver {
  let resolve = (): void => undefined
  const promise = new Promise<void>((done) => (resolve = done))
  return { promise, resolve }
}
