import type { LoadedSession } from '../../../engine/loaded-session.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { remainingOf } from '../../../engine/session-epochs.js'

/**
 * Lets a session live for `ttl` ms from now, durably, if that is later than its end. An update never
 * brings back what has ended, and no ledger goes past the absolute limit.
 */
export async function extendSession(
  engine: SessionEngine,
  loaded: LoadedSession,
  ttl: number,
): Promise<void> {
  if (remainingOf(engine, loaded) >= ttl) return
  await engine.write(loaded.id, { content: loaded.content, ttl, cursor: { base: loaded } })
}
