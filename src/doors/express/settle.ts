/** Node's callback: an error or `null`, then the result. */
export type Callback<T = void> = (error: unknown, result?: T) => void

/**
 * Hands what `work` ends with to the callback: once, on a later tick, and outside of the promise,
 * so that what the callback throws is never taken for a failure of the store. Without a callback
 * the answer is a promise; it rejects for whoever awaits it, and is no unhandled rejection where it
 * is dropped.
 */
export function settle<T>(
  work: T | Promise<T>,
  callback: Callback<T> | undefined,
): Promise<T> | undefined {
  const isPromise = work instanceof Promise
  if (typeof callback !== 'function') {
    if (!isPromise) return Promise.resolve(work)
    work.catch(ignore)
    return work
  }
  if (isPromise) {
    work.then(
      (result) => {
        process.nextTick(callback, null, result)
      },
      (error: unknown) => {
        process.nextTick(callback, error)
      },
    )
  } else process.nextTick(callback, null, work)
  return undefined
}

/**
 * As {@link settle}; what is known at once is told to the callback when the event loop ends its turn,
 * together with all that others asked in it. Requests that came together go on
 * together: what they write leaves this process in one go, instead of waking whoever reads it for
 * each. As with any promise, each goes on in its own asynchronous context.
 */
export function settleTogether<T>(
  work: T | Promise<T>,
  callback: Callback<T> | undefined,
): Promise<T> | undefined {
  if (work instanceof Promise || typeof callback !== 'function') return settle(work, callback)
  void endOfTurn().then(() => {
    process.nextTick(callback, null, work)
  })
  return undefined
}

interface Turn {
  readonly end: Promise<void>

  /** What was to end it: of a clock that was replaced since, as tests do, nothing more is heard. */
  readonly by: typeof setImmediate
}

let turn: Turn | undefined

/** Resolves, for all who ask in this turn of the event loop, when it ends. */
function endOfTurn(): Promise<void> {
  if (turn?.by === setImmediate) return turn.end
  const end = new Promise<void>((resolve) => {
    setImmediate(() => {
      turn = undefined
      resolve()
    })
  })
  turn = { end, by: setImmediate }
  return end
}

/** The engine has told of it in an event. */
function ignore(): void {
  return undefined
}
