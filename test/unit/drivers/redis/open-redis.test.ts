import { describe, expect, it } from '@jest/globals'
import { openRedis } from '../../../../src/drivers/redis/open-redis.js'
import { InvalidOptionError } from '../../../../src/core/errors.js'
import { ManualClock } from '../../../../src/testing/manual-clock.js'

describe('opening a URL', () => {
  it.each(['', 'localhost:6379', 'http://localhost', 'postgres://localhost', '/run/redis.sock'])(
    'refuses what is none of Redis: %j',
    (url) => {
      expect(() => openRedis(url)).toThrow(InvalidOptionError)
    },
  )

  it('never tells the password', () => {
    expect(() => openRedis('http://user:secret@localhost')).toThrow(/^(?!.*secret)/)
  })
})

it('goes on trying where connecting fails before there is a socket', async () => {
  const [clock, problems]: [ManualClock, unknown[]] = [new ManualClock(), []]
  const { client, close } = openRedis('redis://localhost?family=7', {
    clock,
    onError: (error) => problems.push(error),
  })
  await client
  await clock.advance(10_000)

  expect(problems.length).toBeGreaterThan(2)
  await close()
})
