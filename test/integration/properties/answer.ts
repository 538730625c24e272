import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Callback } from '../../../src/doors/express/settle.js'

/** What a store called back with. */
export interface Answer {
  /** The `code` of the error, the error itself where it has none, or `undefined`. */
  readonly failed: unknown
  readonly result: unknown
}

/** Calls a store with a callback. Rejects where that throws, or calls back at once or twice. */
export async function answerOf(call: (callback: Callback<unknown>) => void): Promise<Answer> {
  const calls: (readonly [unknown, unknown])[] = []
  const answered = new Promise<void>((resolve) => {
    call((error, result) => {
      calls.push([error, result])
      resolve()
    })
    if (calls.length > 0) throw new Error('It called back at once')
  })
  await answered
  await nextTurn()
  const [[error, result] = [], ...more] = calls
  if (more.length > 0) throw new Error(`It called back ${more.length} times too often`)
  return { failed: failureIn(error), result }
}

/** As {@link Answer.failed}, of a promise. */
export async function codeOf(work: Promise<unknown>): Promise<unknown> {
  try {
    await work
    return undefined
  } catch (error) {
    return failureIn(error)
  }
}

function failureIn(error: unknown): unknown {
  if (error === null || error === undefined) return undefined
  return (error as { code?: unknown }).code ?? error
}
