import { RedisCache } from '../../../src/caches/redis/redis-cache.js'
import { PostgresLedger } from '../../../src/index.js'
import type { Step, StepCount } from './commands.js'

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
  readonly #holds = new Map<Step, Hold[]>()
  readonly #counts = new Map<Step, { calls: number; underWay: number; most: number }>()

  constructor() {
    this.#watch('ledger', PostgresLedger.prototype)
    this.#watch('cache', RedisCache.prototype)
  }

  /** The next call that does not wait there yet waits, once. */
  hold(step: Step, when: Hold['when']): void {
    const [reached, released] = [withResolver(), withResolver()]
    const holds = this.#holds.get(step) ?? []
    this.#holds.set(step, [...holds, { when, reached, released, isTaken: false }])
  }

  /** Resolves as soon as the call waits there that was to be held last. */
  async reached(step: Step): Promise<void> {
    await this.#holds.get(step)?.at(-1)?.reached.promise
  }

  /** What waits there goes on, the first of it. */
  release(step: Step): void {
    const [first, ...others] = this.#holds.get(step) ?? []
    first?.released.resolve()
    if (others.length > 0) this.#holds.set(step, others)
    else this.#holds.delete(step)
  }

  /** Everything goes on. */
  releaseAll(): void {
    for (const step of this.#holds.keys()) while (this.#holds.has(step)) this.release(step)
  }

  /** How often each step was called since the last {@link Steps.count}, by step. */
  count(): Readonly<Record<string, StepCount>> {
    const counts = [...this.#counts].map(
      ([step, { calls, most }]) => [step, { calls, most }] as const,
    )
    this.#counts.clear()
    return Object.fromEntries(counts)
  }

  #watch(tier: 'ledger' | 'cache', prototype: object): void {
    const methods = prototype as Record<string, Method>
    for (const name of Object.getOwnPropertyNames(prototype)) {
      const method = Object.getOwnPropertyDescriptor(prototype, name)?.value as unknown
      if (name === 'constructor' || name === 'now' || typeof method !== 'function') continue
      const step: Step = `${tier}.${name}`
      const enter = () => ({ held: this.#take(step), left: this.#enter(step) })
      methods[name] = function (...args) {
        const { held, left } = enter()
        const call = (): unknown => method.apply(this, args)
        const answer = held ? callHeld(held, call) : call()
        void Promise.resolve(answer).then(left, left)
        return answer
      }
    }
  }

  #enter(step: Step): () => void {
    const count = this.#counts.get(step) ?? { calls: 0, underWay: 0, most: 0 }
    this.#counts.set(step, count)
    count.calls++
    count.most = Math.max(count.most, ++count.underWay)
    return () => count.underWay--
  }

  #take(step: Step): Hold | undefined {
    const hold = this.#holds.get(step)?.find(({ isTaken }) => !isTaken)
    if (hold) hold.isTaken = true
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
