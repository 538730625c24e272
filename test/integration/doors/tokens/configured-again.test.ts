import { randomBytes, randomUUID } from 'node:crypto'
import { env } from 'node:process'
import { afterEach, beforeEach, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { SessionManager, type SessionManagerOptions } from 'holdfast/tokens'

const theft = { id: 'public', userId: 'ada', generation: 1, newest: 3 }
let engine: SessionEngine
let options: SessionManagerOptions
let manager: SessionManager
let heard: unknown[]

beforeEach(async () => {
  const signing = { keys: { now: randomBytes(32).toString('base64') }, current: 'now' }
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  options = { engine, signing }
  manager = new SessionManager(options)
  heard = []
  manager.on('token.theft', (event) => heard.push(event))
  await manager.ready()
})

afterEach(async () => {
  await manager.close()
  await engine.close()
})

it('tells of a theft once, be it configured again over the same engine', async () => {
  manager.configure(options)
  await manager.ready()
  engine.emit('token.theft', theft)

  expect(heard).toEqual([theft])
})

it('is told of no theft once it is closed, though the engine goes on', async () => {
  await manager.close()
  engine.emit('token.theft', theft)

  expect(heard).toEqual([])
})

it('lets a session go on from before it was configured again', async () => {
  const login = await manager.createSession(randomUUID(), randomUUID())
  if (!login.success) throw login.error
  manager.configure({ ...options, roles: { ADMIN: ['delete:users'] } })

  expect(await manager.validateSession(login.token)).toMatchObject({ success: true })
})

it('forgets nothing that it has opened since where what it opened before fails late', async () => {
  const other = new SessionManager()
  const secret = env['JWT_SECRET']
  env['JWT_SECRET'] = 'too short'
  const failing = other.ready().catch((error: unknown) => error)
  other.configure(options)
  const ready = other.ready()
  const told: unknown[] = []
  other.on('token.theft', (event) => told.push(event))
  await Promise.all([failing, ready])
  await other.ready()
  engine.emit('token.theft', theft)
  restore(secret)

  expect(await failing).toMatchObject({ reason: 'misconfigured' })
  expect(told).toEqual([theft])
  await other.close()
})

function restore(secret: string | undefined): void {
  if (secret === undefined) delete env['JWT_SECRET']
  else env['JWT_SECRET'] = secret
}
