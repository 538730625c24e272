import { describe, expect, it } from '@jest/globals'
import { openSessions } from '../../../../src/index.js'
import { EngineStore } from '../../../../src/doors/express/engine-store.js'

describe('a session that this process remembers', () => {
  it('is an error for the callback, and no throw, where it can not be presented', async () => {
    const parse = (text: string): unknown => Object.freeze(JSON.parse(text))
    const engine = openSessions({ ledger: 'memory', serializer: { ...serializer, parse } })
    const store = new EngineStore(engine)
    await engine.write(engine.idOf('a cookie id')!, {
      content: { visits: 1 },
      ttl: 60_000,
      cursor: { base: 'new' },
    })
    // As the in-process cache, which needs a Redis, would give it.
    const loaded = (await engine.read(engine.idOf('a cookie id')!))!
    engine.recall = () => loaded
    const told = await new Promise((resolve) => store.get('a cookie id', resolve))
    await engine.close()

    expect(told).toBeInstanceOf(TypeError)
  })
})

const serializer = { stringify: (session: object): string => JSON.stringify(session) }
