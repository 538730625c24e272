import { EventEmitter } from 'node:events'
import { expect, it } from '@jest/globals'
import { openSessions } from '../../src/index.js'
import type { RedisClient } from '../../src/drivers/redis/redis-client.js'

it('refuses near over a client that has no bus before it listens to that client', async () => {
  const answer = async (): Promise<string> => ''
  const commands = { get: answer, evalsha: answer, eval: answer, ping: answer, info: answer }
  const redis: RedisClient & EventEmitter = Object.assign(new EventEmitter(), commands)

  expect(() => openSessions({ redis, ledger: 'memory', near: true })).toThrow("option 'near'")
  // A client may be there later: it is watched a turn after it was given.
  await Promise.resolve()
  expect(redis.eventNames()).toEqual([])
})
