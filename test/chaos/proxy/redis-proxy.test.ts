import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { Redis } from 'ioredis'
import { freshPrefix, sharedRedisUrl } from '../../services.js'
import { eventually } from '../scene/eventually.js'
import { RespParts } from './resp-parts.js'
import { TcpProxy } from './tcp-proxy.js'

let proxy: TcpProxy
const clients: Redis[] = []

beforeEach(async () => {
  proxy = await TcpProxy.open({ server: sharedRedisUrl() })
})

afterEach(async () => {
  for (const client of clients.splice(0)) client.disconnect()
  await proxy.close()
})

function open(protocol: 2 | 3 = 3): Redis {
  const client = new Redis(proxy.url, { protocol, keyPrefix: freshPrefix() })
  clients.push(client.on('error', () => {}))
  return client
}

describe.each([2, 3] as const)('a proxy before Redis (RESP%d)', (protocol) => {
  it('exchanges two replies of one connection, once', async () => {
    const client = open(protocol)
    await client.mset({ a: '1', b: '2' })
    let swaps = 0
    proxy.swapReplies(1, () => swaps++)
    const swapped = await Promise.all([client.get('a'), client.ping(), client.get('b')])
    const sound = await Promise.all([client.get('a'), client.get('b')])

    expect([swapped, sound, swaps]).toEqual([['2', 'PONG', '1'], ['1', '2'], 1])
  })

  it('exchanges two elements of one array', async () => {
    const client = open(protocol)
    await client.mset({ a: '1', b: '2', c: '3' })
    proxy.swapReplies()

    expect(await client.mget('a', 'a', 'b', 'c')).toEqual(['2', '1', '1', '3'])
  })

  it('exchanges an element of an array with one of another, and with a reply', async () => {
    const client = open(protocol)
    await client.mset({ a: '1', b: '2', c: '3' })
    proxy.swapReplies(2)
    const replies = [client.mget('a', 'a'), client.mget('b', 'b'), client.get('c')]

    expect(await Promise.all(replies)).toEqual([['2', '1'], ['1', '3'], '2'])
  })

  it('leaves what a subscriber is told as it is', async () => {
    const [publisher, subscriber] = [open(protocol), open(protocol)]
    const heard: unknown[] = []
    subscriber.on('message', (...told) => heard.push(told))
    const channel = freshPrefix()
    await subscriber.subscribe(channel)
    proxy.swapReplies()
    await publisher.publish(channel, 'news')

    await eventually(() => heard.length === 1)
    expect(heard).toEqual([[channel, 'news']])
  })

  it('hands on a reply that finds no other to change places with', async () => {
    const client = open(protocol)
    await client.set('a', '1')
    proxy.swapReplies()

    expect(await client.get('a')).toBe('1')
  })

  it('tells subscribers from the rest, and breaks them alone', async () => {
    const [publisher, subscriber] = [open(protocol), open(protocol)]
    const heard: string[] = []
    subscriber.on('message', (_channel, message) => heard.push(message))
    const channel = freshPrefix()
    await subscriber.subscribe(channel)
    await publisher.publish(channel, 'before')
    await eventually(() => heard.length === 1)
    expect([proxy.count('subscribers'), proxy.count('commands')]).toEqual([1, 1])

    proxy.blackhole({ only: 'subscribers', direction: 'replies' })
    await publisher.publish(channel, 'lost')
    expect(await publisher.ping()).toBe('PONG')
    proxy.pass()

    await eventually(async () => {
      await publisher.publish(channel, 'after')
      return heard.includes('after')
    })
    expect(heard).not.toContain('lost')
  })
})

describe('the replies of Redis', () => {
  const parts = [
    '+OK\r\n',
    '$-1\r\n',
    '$0\r\n\r\n',
    '$4\r\n\r\n\r\n\r\n',
    '*-1\r\n',
    '*0\r\n',
    '*2\r\n',
    '$1\r\na\r\n',
    '*1\r\n',
    ':7\r\n',
    '%1\r\n+key\r\n%1\r\n$1\r\nb\r\n_\r\n',
    '|1\r\n+ttl\r\n:3600\r\n*1\r\n#t\r\n',
    '>3\r\n+message\r\n$2\r\nch\r\n=5\r\ntxt:x\r\n',
    '-ERR no\r\n',
  ]

  it.each([1, 2, 7, 1000])('are split, however they come (%d bytes at a time)', (size) => {
    const bytes = Buffer.from(parts.join(''))
    const splitter = new RespParts()
    const split: string[] = []
    for (let at = 0; at < bytes.length; at += size) {
      split.push(...splitter.push(bytes.subarray(at, at + size)).map(String))
    }

    expect(split).toEqual(parts)
  })
})
