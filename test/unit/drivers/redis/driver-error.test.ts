import { expect, it } from '@jest/globals'
import { withDiscreetErrors } from '../../../../src/drivers/redis/driver-error.js'
import type { RedisClient } from '../../../../src/drivers/redis/redis-client.js'

it('asks a client that has no MGET for each key by itself', async () => {
  const asked: string[] = []
  const get = async (key: string): Promise<string> => `value ${asked.push(key)}`
  const commands = withDiscreetErrors({ get } satisfies Partial<RedisClient> as never)

  expect(await Promise.all(['one', 'two'].map(commands.get))).toEqual(['value 1', 'value 2'])
  expect(asked).toEqual(['one', 'two'])
})
