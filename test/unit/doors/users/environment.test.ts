import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import {
  checkDatabaseUrl,
  checkRedisUrl,
  getEnvironment,
  isLocalDatabase,
  readStorageVariables,
} from '../../../../src/doors/users/environment.js'
import { EnvironmentError } from '../../../../src/doors/users/errors.js'

const before = { ...process.env }

beforeEach(() => {
  for (const name of ['NODE_ENV', 'DATABASE_URL', 'REDIS_URL', 'FORCE_MOCK_MODE']) {
    Reflect.deleteProperty(process.env, name)
  }
})

afterEach(() => {
  process.env = { ...before }
})

describe('the environment', () => {
  it.each([
    ['production', 'production'],
    ['development', 'development'],
    ['test', 'mock'],
    ['staging', 'mock'],
    ['', 'mock'],
    ['Production', 'mock'],
  ])('of NODE_ENV=%j is %s', (name, environment) => {
    process.env['NODE_ENV'] = name
    expect(getEnvironment()).toBe(environment)
  })

  it('is a mock without NODE_ENV', () => {
    expect(getEnvironment()).toBe('mock')
  })
})

describe('the variables of storage', () => {
  it('are absent where they are empty', () => {
    Object.assign(process.env, { DATABASE_URL: ' ', REDIS_URL: '' })
    expect(readStorageVariables()).toEqual({ isMockForced: false })
  })

  it.each([
    ['true', true],
    ['false', false],
    ['1', false],
    ['TRUE', false],
  ])('with FORCE_MOCK_MODE=%s force a mock: %s', (value, isMockForced) => {
    process.env['FORCE_MOCK_MODE'] = value
    expect(readStorageVariables()).toEqual({ isMockForced })
  })
})

describe('a URL', () => {
  const secret = 'mysql://user:hunter2@db/app'

  it.each([
    ['DATABASE_URL', () => checkDatabaseUrl(secret)],
    ['REDIS_URL', () => checkRedisUrl(secret)],
    ['DATABASE_URL', () => checkDatabaseUrl('hunter2')],
  ])(
    'that is wrong is refused by the name of its variable, %s, and told nowhere',
    (name, check) => {
      const error = errorOf(check)
      expect(error).toBeInstanceOf(EnvironmentError)
      expect(error).toMatchObject({ variable: name, code: 'ERR_ENVIRONMENT' })
      expect(error.message).not.toContain('hunter2')
    },
  )

  it.each([
    ['postgresql://user:password@localhost:5432/app?schema=public', true],
    ['postgres://127.0.0.1/app', true],
    ['postgres://[::1]/app', true],
    ['postgres:///app', true],
    ['postgres:///app?host=/run/postgresql', true],
    ['postgres://localhost/app?host=db.example.org', false],
    ['postgres://db.example.org/app', false],
    ['postgres://localhost.example.org/app', false],
    ['no url', false],
  ])('%s is local: %s', (url, isLocal) => {
    expect(isLocalDatabase(url)).toBe(isLocal)
  })
})

function errorOf(act: () => void): Error {
  try {
    act()
  } catch (error) {
    return error as Error
  }
  throw new Error('It threw nothing')
}
