import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { openSessions, type SessionEngine } from 'holdfast'
import { InMemoryUsers, ProductionUserManager, type User } from 'holdfast/users'

type Step = 'findById' | 'update' | 'delete' | 'advanceSessionEpoch'

/** Users, and something that happens at one moment: before a step is taken, or after it. */
class InterruptedUsers extends InMemoryUsers {
  #happening: { readonly at: string; readonly happen: () => Promise<unknown> } | undefined

  /** Once. */
  interruptAt(at: string, happen: () => Promise<unknown>): void {
    this.#happening = { at, happen }
  }

  override findById(id: string): Promise<User | null> {
    return this.#around('findById', () => super.findById(id))
  }

  override update(...args: Parameters<InMemoryUsers['update']>): Promise<User | null> {
    return this.#around('update', () => super.update(...args))
  }

  override delete(id: string): Promise<boolean> {
    return this.#around('delete', () => super.delete(id))
  }

  override advanceSessionEpoch(id: string): Promise<User | null> {
    return this.#around('advanceSessionEpoch', () => super.advanceSessionEpoch(id))
  }

  async #around<T>(step: Step, take: () => Promise<T>): Promise<T> {
    await this.#reach(`before ${step}`)
    const taken = await take()
    await this.#reach(`after ${step}`)
    return taken
  }

  async #reach(moment: string): Promise<void> {
    const happening = this.#happening
    if (happening?.at !== moment) return
    this.#happening = undefined
    await happening.happen()
  }
}

let engine: SessionEngine
let users: InterruptedUsers
let manager: ProductionUserManager
let user: User

beforeEach(async () => {
  engine = openSessions({ ledger: 'memory', sweepEvery: false })
  users = new InterruptedUsers()
  manager = new ProductionUserManager({ engine, users })
  user = await manager.create({ email: 'ada@example.org' })
})

afterEach(() => engine.close())

/** A login that has looked at the user, and at the password, already. */
const logIn = () =>
  manager.createSession(user.id, { ip: '192.0.2.1', sessionEpoch: user.sessionEpoch })

async function expectNobodyIn(sessionId: string | undefined): Promise<void> {
  expect(sessionId && (await manager.findBySessionId(sessionId))).toBeUndefined()
  expect(await manager.listSessions(user.id)).toEqual([])
  expect(await engine.list()).toEqual([])
}

const ends = [
  ['all sessions are ended', () => manager.revokeAllSessions(user.id)],
  ['the user is deleted', () => manager.delete(user.id)],
  ['the user is disabled', () => manager.update(user.id, { disabledAt: new Date() })],
] as const
const momentsOfLogin = ['before findById', 'after findById', 'before update', 'after update']

describe.each(ends)('where %s while a login is under way', (_what, end) => {
  it.each(momentsOfLogin)('%s, no session is left', async (moment) => {
    users.interruptAt(moment, end)
    const sessionId = await logIn().catch(() => undefined)

    await expectNobodyIn(sessionId)
  })
})

const momentsOfEnds = [
  ['before advanceSessionEpoch', () => manager.revokeAllSessions(user.id)],
  ['after advanceSessionEpoch', () => manager.revokeAllSessions(user.id)],
  ['before delete', () => manager.delete(user.id)],
  ['after delete', () => manager.delete(user.id)],
  ['before update', () => manager.update(user.id, { disabledAt: new Date() })],
  ['after update', () => manager.update(user.id, { disabledAt: new Date() })],
] as const

describe('where a login comes in while sessions are being ended', () => {
  it.each(momentsOfEnds)('%s, no session is left', async (moment, end) => {
    let sessionId: string | undefined
    users.interruptAt(moment, async () => {
      sessionId = await logIn().catch(() => undefined)
    })
    await end()

    await expectNobodyIn(sessionId)
  })
})
