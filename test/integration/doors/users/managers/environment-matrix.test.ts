import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import {
  type EnvironmentError,
  MockUserManager,
  ProductionUserManager,
  UserManagerFactory,
} from 'holdfast/users'
import { freshDatabase, sharedRedisUrl, type FreshDatabase } from '../../../../services.js'
import { applyMigrations } from '../apply-migrations.js'
import { withVariables } from '../with-variables.js'

type Urls = 'none' | 'DATABASE_URL' | 'REDIS_URL' | 'both'

const environments = ['production', 'development', 'test', 'staging', undefined] as const
const forced = [undefined, 'true'] as const
const present: readonly Urls[] = ['none', 'DATABASE_URL', 'REDIS_URL', 'both']

const cells = environments.flatMap((environment) =>
  forced.flatMap((force) => present.map((urls) => ({ environment, force, urls }))),
)

let database: FreshDatabase

beforeAll(async () => {
  database = await freshDatabase()
  await applyMigrations(database.url)
})

afterEach(() => UserManagerFactory.clearCache())
afterAll(() => database.drop())

function variablesOf({ environment, force, urls }: (typeof cells)[number]) {
  const isThere = (name: Urls) => urls === name || urls === 'both'
  return {
    NODE_ENV: environment,
    FORCE_MOCK_MODE: force,
    DATABASE_URL: isThere('DATABASE_URL') ? database.url : undefined,
    REDIS_URL: isThere('REDIS_URL') ? sharedRedisUrl() : undefined,
  }
}

/** The documented manager, or the variable that is named by the error. */
function documented({ environment, force, urls }: (typeof cells)[number]): string {
  if (environment === 'production') {
    if (force) return 'FORCE_MOCK_MODE'
    if (urls === 'none' || urls === 'REDIS_URL') return 'DATABASE_URL'
    return urls === 'both' ? ProductionUserManager.name : 'REDIS_URL'
  }
  const isReal = environment === 'development' && !force && urls === 'both'
  return isReal ? ProductionUserManager.name : MockUserManager.name
}

describe('the manager', () => {
  it.each(cells)(
    'of NODE_ENV=$environment, FORCE_MOCK_MODE=$force and URLs of $urls is the documented one',
    async (cell) => {
      const made = await withVariables(variablesOf(cell), () =>
        UserManagerFactory.create().then(
          (manager) => manager.constructor.name,
          (error: unknown) => (error as EnvironmentError).variable,
        ),
      )

      expect(made).toBe(documented(cell))
    },
  )
})
