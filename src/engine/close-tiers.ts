import type { Removal } from './removal.js'
import type { Tiers } from './tiers.js'
import type { TouchBuffer } from './touch-buffer.js'

/** What holds something back that is to be persisted at last. */
export interface Buffers {
  readonly touches: TouchBuffer
  readonly removal: Removal
}

/**
 * Persists what is buffered, and closes what was opened: the ledger last, for everything else is
 * written down there. A buffer that can not be persisted is an event.
 */
export async function closeTiers(tiers: Tiers, { touches, removal }: Buffers): Promise<void> {
  const { bus, cache, events, ledger, near, repairs } = tiers
  try {
    await touches.stop()
  } catch (error) {
    events.emit('background-failure', { task: 'touch', error })
  }
  await removal.stop()
  await repairs?.stop()
  near?.close()
  await bus?.close()
  await cache?.close()
  await ledger.close()
}
