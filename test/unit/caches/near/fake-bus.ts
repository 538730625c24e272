import type { BusListener, SessionBus } from '../../../../src/core/bus.js'
import type { SessionId } from '../../../../src/core/session-id.js'

/** A bus that a test moves by hand. */
export class FakeBus implements SessionBus {
  readonly name = 'fake'
  isHealthy = true
  epoch = 1
  readonly listeners = new Set<BusListener>()

  onMessage(listener: BusListener): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  tell(id: SessionId, version: number): void {
    for (const listener of this.listeners) listener(id, version)
  }

  start(): void {}

  async close(): Promise<void> {}
}
