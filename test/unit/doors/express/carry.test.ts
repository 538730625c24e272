import { describe, expect, it } from '@jest/globals'
import session from 'express-session'
import { carriedBy, carriedFrom, carry } from '../../../../src/doors/express/carry.js'
import type { LoadedSession } from '../../../../src/engine/loaded-session.js'
import { anId } from '../../../../src/testing/fixtures.js'

const id = anId('one')

function aLoaded(content: Record<string, unknown> = {}): LoadedSession {
  const raw = JSON.stringify(content)
  const times = { expiresAt: 1, absoluteExpiresAt: undefined }
  return { id, version: 3, writeId: 'w', raw, seen: raw, content, tier: 'memory', ...times }
}

describe('what a session carries', () => {
  it('is not seen by whoever copies it, lists it, or makes JSON of it', () => {
    const target = { name: 'Ada' }
    carry(target, carriedFrom(aLoaded()))
    const keys: string[] = []
    for (const key in target) keys.push(key)

    expect(keys).toEqual(['name'])
    expect(JSON.stringify(target)).toBe('{"name":"Ada"}')
    expect(carriedBy({ ...target })).toBeUndefined()
  })

  it('is found again, by the id that it is of and no other', () => {
    const carried = carriedFrom(aLoaded())
    const target = {}
    carry(target, carried)

    expect(carriedBy(target)).toBe(carried)
    expect(carriedBy(target, id)).toBe(carried)
    expect(carriedBy(target, anId('another'))).toBeUndefined()
    expect(carriedBy({}, id)).toBeUndefined()
  })

  it('can be replaced', () => {
    const target = {}
    carry(target, carriedFrom(aLoaded()))
    const later = carriedFrom(aLoaded())
    carry(target, later)

    expect(carriedBy(target)).toBe(later)
  })

  it('is found under a symbol that copies of this package share', () => {
    const carried = carriedFrom(aLoaded())
    const target = { [Symbol.for('holdfast.carried')]: carried }

    expect(carriedBy(target)).toBe(carried)
  })

  it('is where the next save builds upon, and the cookie as it is stored', () => {
    const loaded = aLoaded({ cookie: { originalMaxAge: 7, path: '/' } })

    const { cursor, cookie, tier } = carriedFrom(loaded)

    expect(cursor.base).toBe(loaded)
    expect(cookie.maxAge).toBe(7)
    expect(tier).toBe('memory')
  })

  it('holds the keys that express-session can not', () => {
    const json = '{"save":1,"id":2,"req":3,"__proto__":4,"constructor":5,"name":6}'
    const { hidden } = carriedFrom(aLoaded(JSON.parse(json) as Record<string, unknown>))

    expect(Object.keys(hidden!).sort()).toEqual(['__proto__', 'constructor', 'id', 'req', 'save'])
    expect(carriedFrom(aLoaded({ name: 6 })).hidden).toBeUndefined()
  })

  it('does not stand in the way of express-session’s own Session', () => {
    const store = new session.MemoryStore()
    const created = store.createSession({ sessionID: 'a' } as never, { cookie: {} } as never)
    carry(created, carriedFrom(aLoaded()))

    expect(Object.keys(created)).toEqual(['cookie'])
  })
})
