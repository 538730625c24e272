import { SessionManager, type Permission } from 'holdfast/tokens'
import {
  MockUserManager,
  UserManagerFactory,
  type EngineUserManager,
  type UserRole,
} from 'holdfast/users'
import { Redis } from 'ioredis'
import { engineLogger, tokenLogger } from './logger.js'
import { LoginLimit } from './login-limit.js'
import type { Settings } from './settings.js'

/** What the application works with. */
export interface Services {
  readonly users: EngineUserManager
  readonly tokens: SessionManager
  readonly loginLimit: LoginLimit

  /** Where users and sessions are, in words. */
  readonly place: string
  close(): Promise<void>
}

/** What each role may do: at the next call, whatever a token was issued for. */
const roles: Readonly<Record<UserRole, readonly Permission[]>> = {
  USER: ['read:profile'],
  ADMIN: ['read:profile', 'read:users'],
}

/** Opens what the environment names; tokens are of the same sessions and users as all else. */
export async function openServices(settings: Settings): Promise<Services> {
  const { secrets, logLevel, retryWithin } = settings
  const { signing, encryption } = secrets
  const sealing = encryption ? { encryption } : {}
  const users = await UserManagerFactory.create({ ...sealing, logger: engineLogger(logLevel) })
  const redis = users instanceof MockUserManager ? undefined : openRedis(settings.redisUrl)
  const tokens = new SessionManager({
    ...{ engine: users.engine, users: users.users, roles, signing },
    ...{ accessTtl: '15m', retryWithin, logger: tokenLogger(logLevel) },
    rateLimits: { redis },
  })
  const close = async (): Promise<void> => {
    redis?.disconnect()
    await tokens.close()
    await UserManagerFactory.clearCache()
  }
  try {
    // What is wrong with a secret is told now, and not at the first login.
    await tokens.ready()
  } catch (error) {
    await close()
    throw error
  }
  const place = redis ? 'Postgres, with Redis in front of the sessions' : 'memory'
  return { users, tokens, loginLimit: new LoginLimit(redis), place, close }
}

/** Limits that wait for Redis would be an outage of their own: without it each process counts alone. */
function openRedis(url: string | undefined): Redis | undefined {
  if (url === undefined) return undefined
  const redis = new Redis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: 100,
  })
  // The sessions' own connection tells that Redis is away.
  return redis.on('error', () => {})
}
