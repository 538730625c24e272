import type { Contender, Operation, OperationName } from './contender.ts'
import { quantile } from './quantile.ts'

/** How a round is played. */
export interface RoundSettings {
  readonly operation: OperationName

  /** How many operations, or rows where one is several, are under way at any time. */
  readonly inFlight: number

  /** How long it lasts, ms. */
  readonly duration?: number

  /** How many operations there are; then what is buffered is persisted, and the round ends. */
  readonly turns?: number

  /** Whether so many operations come first that are not measured. Default: none. */
  readonly warmUp?: number
}

/** What one round of one contender came to. */
export interface Round {
  /** Operations a second, or rows, where an operation is several. */
  readonly perSecond: number

  /** CPU time of this process for each, microseconds. */
  readonly cpuMicros: number

  /** Latency, ms. */
  readonly p50: number
  readonly p99: number
}

/** Keeps `inFlight` operations under way for as long as a round lasts, and measures them. */
export async function playRound(contender: Contender, settings: RoundSettings): Promise<Round> {
  const { operation, inFlight, duration = Infinity, turns = Infinity } = settings
  const ask = contender.operations[operation]
  if (!ask) throw new Error(`This contender has no ${operation}`)
  const { rows = 1 } = contender
  await contender.prepare?.(operation)
  await keepGoing(ask, { inFlight: 64, end: Infinity, turns: settings.warmUp ?? 0 })
  const cpu = process.cpuUsage()
  const start = performance.now()
  const atOnce = Math.max(1, Math.floor(inFlight / rows))
  const latencies = await keepGoing(ask, { inFlight: atOnce, end: start + duration, turns })
  if (turns < Infinity) await contender.settle?.()
  const seconds = (performance.now() - start) / 1000
  const { user, system } = process.cpuUsage(cpu)
  const count = latencies.length * rows
  return {
    perSecond: count / seconds,
    cpuMicros: (user + system) / count,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
  }
}

interface Bounds {
  readonly inFlight: number
  readonly turns: number

  /** On the clock of `performance.now()`. */
  readonly end: number
}

/**
 * Resolves with the latency of each operation, ms. Whoever was answered asks again in the next turn
 * of the event loop, each in a tick of its own, as requests reach a server.
 */
function keepGoing(ask: Operation, { inFlight, turns, end }: Bounds): Promise<readonly number[]> {
  return new Promise((resolve, reject) => {
    const latencies: number[] = []
    let turn = 0
    let running = inFlight
    const next = (): void => {
      const askedAt = performance.now()
      if (askedAt >= end || turn >= turns) {
        running -= 1
        if (running === 0) resolve(latencies)
        return
      }
      ask(turn++, (error) => {
        if (error !== undefined && error !== null) return reject(asError(error))
        latencies.push(performance.now() - askedAt)
        setImmediate(next)
      })
    }
    for (let each = 0; each < inFlight; each++) next()
  })
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('An operation failed', { cause: error })
}
