import type { BusListener, SessionBus } from '../../src/core/bus.js'
import type { SessionId } from '../../src/core/session-id.js'

/** A bus that a test moves by hand. */
export class FakeBus implements SessionBus {
  readonly name = 'fake'
  isHealthy = true
  epoch = 1
  isStarted = false
  isClosed = false
  readonly listeners = new Set<BusListener>()

  onMessage(listener: BusListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Hears a message, be it healthy or not. */
  tell(id: SessionId, version: number): void {
    for (const listener of this.listeners) listener(id, version)
  }

  /** Becomes healthy after it was not. */
  mend(): void {
    this.isHealthy = true
    this.epoch += 1
  }

  start(): void {
    this.isStarted = true
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}
