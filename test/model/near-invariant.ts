import type { Answer } from './invariants.js'
import type { NearCache } from './near-cache.js'
import { BUS_DELAY, HEARTBEAT } from './times.js'
import type { World } from './world.js'

/** I7: a copy is no staler than the bus, or than the heartbeat while the bus is broken, and never than its own process. */
export function checkCopy(
  { history }: World,
  { floor, isConnected }: NearCache,
  { copy, askedAt }: { readonly copy: Answer; readonly askedAt: number },
): void {
  const bound = isConnected ? BUS_DELAY : BUS_DELAY + HEARTBEAT
  if (copy.version < history.floorAt(askedAt - bound)) {
    history.broken('I7', 'a copy was staler than the bus allows')
  }
  if (copy.version < floor) {
    history.broken('I7', 'a copy was staler than its own process, or its subscription')
  }
}
