import { describe, expect, it } from '@jest/globals'
import { openRedis } from '../../../../src/caches/redis/open-redis.js'
import { InvalidOptionError } from '../../../../src/core/errors.js'

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
