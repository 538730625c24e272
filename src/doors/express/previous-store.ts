import type { SessionData, Store } from 'express-session'

/** The store whose sessions are adopted, with promises. */
export class PreviousStore {
  constructor(private readonly store: Store) {}

  /**
   * Its live session, if it has one. Its failure is a failure: "no session" would log somebody out.
   */
  load(sid: string): Promise<SessionData | null> {
    return new Promise((resolve, reject) => {
      this.store.get(sid, (error: unknown, data) => {
        if (error && !isMissing(error)) reject(toError(error))
        else resolve(data ?? null)
      })
    })
  }

  /** Ends its session. */
  end(sid: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.store.destroy(sid, (error: unknown) => {
        if (error) reject(toError(error))
        else resolve()
      })
    })
  }
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT'
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The store before failed', { cause: error })
}
