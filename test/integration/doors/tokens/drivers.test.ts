import { afterEach, describe, expect, it, jest } from '@jest/globals'
import { plain } from './environments.js'
import { withVariables } from '../users/with-variables.js'

/** Nobody listens there, and nobody is asked. */
const DATABASE_URL = 'postgres://127.0.0.1:1/none'
const REDIS_URL = 'redis://127.0.0.1:1'

afterEach(() => {
  jest.resetModules()
})

/** What the door says at first use where a driver can not be loaded, or is something else. */
async function saidWithout(
  driver: string,
  found: () => object,
  variables: Record<string, string>,
): Promise<{ readonly type?: string; readonly message?: string }> {
  jest.resetModules()
  jest.doMock(driver, found)
  try {
    const { SessionManager } = await import('holdfast/tokens')
    const manager = new SessionManager()
    const ready = withVariables({ ...plain, ...variables }, () => manager.ready())
    return await ready.then(
      async () => {
        await manager.close()
        return {}
      },
      (error: unknown) => error as object,
    )
  } finally {
    jest.dontMock(driver)
  }
}

const missing = (): never => {
  throw Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
}

describe('a driver that the environment needs', () => {
  it.each([
    ['with Postgres behind it', { DATABASE_URL, REDIS_URL }],
    ['alone', { REDIS_URL }],
  ])('is named where it is not installed: ioredis, %s', async (_, variables) => {
    const said = await saidWithout('ioredis', missing, variables)

    expect(said.type).toBe('SYSTEM_ERROR')
    expect(said.message).toContain('REDIS_URL needs ioredis')
  })

  it('is named where a bundler left it out: ioredis', async () => {
    const said = await saidWithout('ioredis', () => ({}), { DATABASE_URL, REDIS_URL })

    expect(said.message).toContain('REDIS_URL needs ioredis')
  })

  it('is named where it is not installed: pg', async () => {
    const said = await saidWithout('pg', missing, { DATABASE_URL })

    expect(said.message).toContain('DATABASE_URL needs pg')
  })

  it('is not asked for where nothing needs it', async () => {
    expect(await saidWithout('ioredis', missing, {})).toEqual({})
  })
})
