import { setTimeout as pause } from 'node:timers/promises'
import { ClosedError } from '../../../core/errors.js'
import type { SessionOptions } from '../../../core/session-options.js'
import { openSessions, type SessionTiers } from '../../../open-sessions.js'
import { isOutage } from '../errors.js'
import { SESSION_CONSTANTS } from '../constants.js'
import { EngineSessionAdapter } from './engine-session-adapter.js'

const PAUSE = 100

/** The options of {@link RedisSessionAdapter}. */
export interface RedisSessionAdapterOptions extends SessionOptions {
  /** An ioredis client, which stays the caller's to close, or a URL. */
  readonly redis: NonNullable<SessionTiers['redis']>
}

/**
 * Sessions in Redis alone, by their public ids. They are as durable as that
 * Redis is (docs/consistency.md): with Postgres behind it, use {@link ProductionUserManager}.
 */
export class RedisSessionAdapter extends EngineSessionAdapter {
  /** @throws {@link InvalidOptionError} */
  constructor(options: RedisSessionAdapterOptions) {
    super(openSessions(options))
  }

  /** Resolves once Redis answers; it is asked `SESSION_CONSTANTS.REDIS.MAX_RETRIES` times more. */
  override async ready(): Promise<void> {
    for (let retries = 0; retries < SESSION_CONSTANTS.REDIS.MAX_RETRIES; retries++) {
      try {
        return await super.ready()
      } catch (error) {
        if (!isOutage(error) || error instanceof ClosedError) throw error
        await pause(PAUSE * 2 ** retries)
      }
    }
    return super.ready()
  }
}
