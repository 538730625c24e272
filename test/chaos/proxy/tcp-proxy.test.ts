import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { eventually } from '../scene/eventually.js'
import { TcpProxy } from './tcp-proxy.js'

/** Longer than anything takes on its way through a proxy of this machine, ms. */
const A_MOMENT = 40

/** A client's end, and what came to it. */
interface Caller {
  readonly socket: Socket
  readonly received: () => string
  readonly error: () => string | undefined
}

let server: Server
let heard: string
let proxy: TcpProxy
const callers: Caller[] = []

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes) => {
      heard += bytes.toString()
      socket.write(`<${bytes.toString()}>`)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(() => void server.close())

beforeEach(async () => {
  heard = ''
  proxy = await TcpProxy.open({
    server: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
  })
})

afterEach(async () => {
  for (const { socket } of callers.splice(0)) socket.destroy()
  await proxy.close()
})

async function call(): Promise<Caller> {
  const socket = connect({ port: Number(new URL(proxy.url).port), host: '127.0.0.1' })
  let received = ''
  let error: string | undefined
  socket.on('data', (bytes) => (received += bytes.toString()))
  socket.on('error', (failure: NodeJS.ErrnoException) => (error = failure.code))
  await once(socket, 'connect').catch(() => {})
  const caller = { socket, received: () => received, error: () => error }
  callers.push(caller)
  return caller
}

async function greeted(): Promise<Caller> {
  const caller = await call()
  caller.socket.write('hello')
  await eventually(() => caller.received() === '<hello>')
  return caller
}

describe('a proxy that passes', () => {
  it('hands on what is sent, both ways', async () => {
    const caller = await greeted()

    expect([caller.received(), heard, proxy.count()]).toEqual(['<hello>', 'hello', 1])
  })

  it('hands on the end of a connection', async () => {
    const { socket } = await greeted()
    socket.end()
    await once(socket, 'close')

    await eventually(() => proxy.count() === 0)
  })

  it('hands on a megabyte to somebody who reads it late', async () => {
    const { socket, received } = await call()
    socket.pause()
    socket.write('x'.repeat(1_000_000))
    await delay(A_MOMENT)
    socket.resume()

    await eventually(() => received().replace(/[<>]/g, '').length === 1_000_000)
  })

  it('breaks the connection to a client whose server is gone', async () => {
    const nobody = await TcpProxy.open({ server: 'tcp://127.0.0.1:1' })
    const socket = connect({ port: Number(new URL(nobody.url).port), host: '127.0.0.1' })
    const [error] = (await once(socket, 'error').catch((failure: unknown) => [failure])) as [Error]
    await nobody.close()

    expect(error).toMatchObject({ code: 'ECONNRESET' })
  })
})

describe('a proxy that is told to break', () => {
  it('cuts what there is and what comes, until it passes again', async () => {
    const before = await greeted()
    proxy.cut()
    const during = await call()

    await eventually(() => before.error() === 'ECONNRESET' && during.error() === 'ECONNRESET')
    proxy.pass()
    await greeted()
  })

  it('leads to another server what comes, until it passes again', async () => {
    const before = await greeted()
    const other = createServer((socket) => socket.end('elsewhere')).listen(0, '127.0.0.1')
    await once(other, 'listening')
    proxy.leadTo(`tcp://127.0.0.1:${(other.address() as AddressInfo).port}`)
    const during = await call()

    await eventually(() => before.error() === 'ECONNRESET' && during.received() === 'elsewhere')
    proxy.pass()
    await greeted()
    other.close()
  })

  it('resets what there is, and takes what comes', async () => {
    const before = await greeted()
    proxy.reset()

    await eventually(() => before.error() === 'ECONNRESET')
    await greeted()
  })

  it('swallows what is sent, accepts who comes, and resets who lost something', async () => {
    const before = await greeted()
    proxy.blackhole()
    const during = await call()
    for (const { socket } of [before, during]) socket.write('lost')
    await delay(A_MOMENT)

    expect([heard, before.error(), during.received()]).toEqual(['hello', undefined, ''])
    proxy.pass()
    await eventually(() => before.error() === 'ECONNRESET' && during.error() === 'ECONNRESET')
  })

  it('swallows one way only', async () => {
    const { socket, received } = await greeted()
    proxy.blackhole({ direction: 'replies' })
    socket.write(' again')

    await eventually(() => heard === 'hello again')
    await delay(A_MOMENT)
    expect(received()).toBe('<hello>')
  })

  it('keeps the end of a connection to itself while it swallows', async () => {
    const { socket } = await greeted()
    proxy.blackhole()
    socket.destroy()
    await delay(A_MOMENT)

    expect(proxy.count()).toBe(1)
    proxy.pass()
    await eventually(() => proxy.count() === 0)
  })

  it('delays what is sent, in its order', async () => {
    const { socket, received } = await greeted()
    proxy.delay(60, { direction: 'requests' })
    const begun = performance.now()
    for (const word of ['a', 'b', 'c']) {
      socket.write(word)
      await delay(5)
    }
    await eventually(() => received().replace(/[<>]/g, '') === 'helloabc')

    expect(performance.now() - begun).toBeGreaterThan(60)
  })

  it('holds what is sent, and hands it on when it passes again', async () => {
    const { socket, received } = await greeted()
    proxy.hold({ direction: 'requests' })
    socket.write(' later')
    await delay(A_MOMENT)

    expect(heard).toBe('hello')
    proxy.pass()
    await eventually(() => received() === '<hello>< later>')
  })

  it('drops the next replies, resets who lost them, and passes again', async () => {
    const [one, other] = [await greeted(), await greeted()]
    heard = ''
    proxy.dropReplies({ replies: 1 })
    one.socket.write('done')

    await eventually(() => one.error() === 'ECONNRESET')
    other.socket.write(' too')
    await eventually(() => other.received() === '<hello>< too>')
    expect([heard, one.received()]).toEqual(['done too', '<hello>'])
  })

  it('drops replies for a while', async () => {
    const { socket, error } = await greeted()
    proxy.dropReplies({ ms: A_MOMENT })
    socket.write(' again')
    await eventually(() => heard === 'hello again')

    expect(error()).toBeUndefined()
    await eventually(() => error() === 'ECONNRESET')
  })
})
