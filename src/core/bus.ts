import type { SessionId } from './session-id.js'

/**
 * Hears of every change that other processes make, so that what this process remembers by itself is
 * not believed for longer than it is true.
 *
 * A bus only hears: whoever changes a session tells of it in the same step. What it hears is never
 * late by more than a few seconds while it is healthy; while it is not, nothing may be believed that
 * it would have to tell of.
 */
export interface SessionBus {
  /** Names the bus in errors, events and metrics. */
  readonly name: string

  /** Whether every message of the last few seconds was heard. */
  readonly isHealthy: boolean

  /**
   * Moves up whenever the bus becomes healthy: messages may have been missed before. What was
   * learned in an earlier epoch is not to be believed.
   */
  readonly epoch: number

  /**
   * Calls `listener` at each message, until the function that is returned is called: what is held
   * of this id below this version is old.
   */
  onMessage(listener: BusListener): () => void

  /** Begins to hear. It can be done once. */
  start(): void

  /** Ends what the bus itself opened. Idempotent. */
  close(): Promise<void>
}

/** Takes one message of a {@link SessionBus}. */
export type BusListener = (id: SessionId, version: number) => void
