import { EventEmitter } from 'node:events'
import { expect, it } from '@jest/globals'
import { listenToConnection } from '../../../../src/caches/redis/connection-events.js'
import type { RedisNode } from '../../../../src/drivers/redis/redis-client.js'

it('takes one listener of a client for all that listen, until the last has stopped', () => {
  const node = Object.assign(new EventEmitter(), { info: async () => '' }) satisfies RedisNode
  const heard: string[] = []
  const stops = Array.from({ length: 11 }, (_, i) =>
    listenToConnection(node, {
      onReady: () => void heard.push(`ready ${i}`),
      onClose: () => void heard.push(`close ${i}`),
    }),
  )
  expect([node.listenerCount('ready'), node.listenerCount('close')]).toEqual([1, 1])
  for (const stop of stops.slice(2)) stop()
  stops[2]?.()
  node.emit('ready')
  node.emit('close')
  expect(heard).toEqual(['ready 0', 'ready 1', 'close 0', 'close 1'])

  for (const stop of stops) stop()
  expect([node.listenerCount('ready'), node.listenerCount('close')]).toEqual([0, 0])
})
