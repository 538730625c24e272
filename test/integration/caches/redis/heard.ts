import type { Clock } from '../../../../src/core/clock.js'
import { RedisBus, type RedisBusOptions } from '../../../../src/caches/redis/redis-bus.js'

/** A bus, and what it told. */
export interface Heard {
  readonly bus: RedisBus
  readonly messages: [id: string, version: number][]
  readonly errors: unknown[]
}

/** Begins to hear on a channel; whoever asked closes the bus. */
export function hear(options: Omit<RedisBusOptions, 'onError'>): Heard {
  const messages: [string, number][] = []
  const errors: unknown[] = []
  const bus = new RedisBus({ ...options, onError: (error) => errors.push(error) })
  bus.onMessage((id, version) => messages.push([id, version]))
  bus.start()
  return { bus, messages, errors }
}

/** A clock on which time passes so many times faster than it does. */
export function fasterBy(factor: number): Clock {
  return {
    now: Date.now,
    monotonic: () => performance.now() * factor,
    schedule(task, delay) {
      const timer = setTimeout(task, delay / factor).unref()
      return () => clearTimeout(timer)
    },
  }
}
