import { InvalidOptionError } from '../../core/errors.js'
import type { EventHub } from '../../core/events.js'
import { silentLogger } from '../../core/logger.js'
import type { SessionEngine } from '../../engine/session-engine.js'
import { AccessTokens } from './access/access-tokens.js'
import { SigningKeys } from './access/signing-keys.js'
import { readSigningSecrets } from './environment.js'
import { Inputs } from './inputs.js'
import { RateLimits } from './limits/rate-limits.js'
import type { Reporter } from './logger.js'
import { openEnvironmentEngine, openLimitsRedis } from './open-engine.js'
import { OpenedManager, type ManagerParts } from './opened-manager.js'
import { RefreshTokens } from './refresh/refresh-tokens.js'
import { Rotation } from './refresh/rotation.js'
import { toTokenSettings, type SessionManagerOptions } from './session-manager-options.js'
import { LedgerTime } from './sessions/ledger-time.js'
import { LiveSessions } from './sessions/live-sessions.js'
import { TokenPairs } from './sessions/token-pairs.js'
import { TokenSessions } from './sessions/token-sessions.js'
import { TokenUsers } from './sessions/token-users.js'
import { anybody } from './user-directory.js'

/**
 * Puts a manager together. What its options leave open is read from the environment.
 *
 * @throws {@link SessionError} of the type SYSTEM_ERROR, which names the variable that is missing or
 * refused; {@link InvalidOptionError} for an engine whose lists would show cookies' ids.
 */
export async function openManager(
  options: SessionManagerOptions,
  { reporter, events }: Listening,
): Promise<OpenedManager> {
  const keys = new SigningKeys(options.signing ?? readSigningSecrets())
  const opened = await openEngine(options, reporter)
  const unlisten = opened.engine.on('token.theft', (theft) => {
    events.emit('token.theft', theft)
    // An engine that has a logger has told it.
    if (opened.engine.settings.logger === silentLogger) reporter.tell('warn', THEFT, theft)
  })
  const close = async (): Promise<void> => {
    unlisten()
    await opened.close()
  }
  const time = new LedgerTime(opened.engine)
  // While the ledger is away, tokens are looked at by this machine's clock; none is issued then.
  await time.heard().catch(toldByTheEngine)
  return new OpenedManager({ ...assemble(options, { keys, time, ...opened }), close })
}

/** Who hears of what a manager sees. */
export interface Listening {
  readonly reporter: Reporter
  readonly events: EventHub
}

const THEFT = 'A refresh token was used again: its session was ended'

interface Opened {
  readonly engine: SessionEngine
  readonly redis: object | Promise<object> | undefined
  readonly close: () => Promise<void>
}

interface Known {
  readonly keys: SigningKeys
  readonly time: LedgerTime
}

/** The engine that was handed in, or one of the environment's; what was opened is closed with it. */
async function openEngine(
  { engine, rateLimits }: SessionManagerOptions,
  reporter: Reporter,
): Promise<Opened> {
  if (engine) {
    checkEngine(engine)
    return { engine, redis: undefined, close: async () => undefined }
  }
  const own = await openEnvironmentEngine(reporter)
  const redis = rateLimits === false || rateLimits?.redis ? undefined : openLimitsRedis()
  const close = async (): Promise<void> => {
    await Promise.all([redis?.close(), own.close()])
  }
  return { engine: own.engine, redis: redis?.client, close }
}

function assemble(
  options: SessionManagerOptions,
  { keys, time, engine, redis }: Omit<Opened, 'close'> & Known,
): Omit<ManagerParts, 'close'> {
  const settings = toTokenSettings(options)
  const { issuer, audience = `holdfast:${engine.settings.context}`, retryWithin } = settings
  const { users: directory = anybody } = options
  const access = new AccessTokens({ keys, issuer, audience, now: () => engine.now() })
  const refresh = new RefreshTokens({ keys, issuer, audience })
  const users = new TokenUsers({ engine, directory, roles: settings.roles })
  const live = new LiveSessions(engine, users)
  const pairs = new TokenPairs({ engine, access, refresh, settings })
  return {
    ...{ engine, access, refresh, users },
    inputs: new Inputs(options.idSchema),
    limits: openLimits(options, engine, redis),
    rotation: new Rotation({ engine, time, live, pairs, retryWithin }),
    sessions: new TokenSessions({ engine, time, users, live, pairs }),
  }
}

function toldByTheEngine(): void {}

function openLimits(
  { rateLimits }: SessionManagerOptions,
  { settings }: SessionEngine,
  redis: object | Promise<object> | undefined,
): RateLimits | undefined {
  if (rateLimits === false) return undefined
  const { redisTimeout: timeout, clock } = settings
  return new RateLimits({ redis, ...rateLimits, clock, timeout })
}

/** Ids that are what a cookie holds would let whoever has a token in elsewhere. */
function checkEngine({ settings }: SessionEngine): void {
  const anyone = 'a user'
  if (settings.userId({ userId: anyone }) !== settings.indexOwner(anyone)) {
    throw new InvalidOptionError('userId', 'must be left to the session manager')
  }
  if (!settings.hashSessionIds) {
    throw new InvalidOptionError(
      'hashSessionIds',
      'must stay on: tokens name sessions by their ids',
    )
  }
}
