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

/** The engine has told of it in an event. */
function ignore(): void {
  return undefined
}
