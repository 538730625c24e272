import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { installPackage } from './install-package.js'
import { bundler, node, problemsIn } from './problems-in.js'

const right = `
import { MemoryLedger, SessionError, openSessions, type SessionEngine } from 'holdfast'
import { EngineStore, RedisFirstStore, type Callback } from 'holdfast/express'
import { ManualClock, ledgerContract, storeContract } from 'holdfast/testing'

const clock = new ManualClock()
export const engine: SessionEngine = openSessions({ ledger: new MemoryLedger({ clock }), clock })
export const store = new EngineStore(engine)
export const another = new RedisFirstStore({ redis: 'redis://r', ledger: 'memory', migrateFrom: store })
export const shared: SessionEngine = another.engine
export const stats = store.stats()
export const names = [...ledgerContract, ...storeContract].map(({ name }) => name)
export const print: Callback<number> = (error, length) =>
  console.log(error instanceof SessionError, length?.toFixed())
store.on('disconnect', () => store.length(print))
`

const wrong = `
import { openSessions } from 'holdfast'
import { MemorySessionStore } from 'holdfast/express'

openSessions({ ledger: 1 })
const text: string = new MemorySessionStore().length()
`

describe('the declarations', () => {
  let project = ''

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'holdfast-declarations-'))
    await installPackage(project, ['@types/express-session', '@types/express', '@types/node'])
    const files = { 'right.mts': right, 'right.cts': right, 'wrong.mts': wrong, 'wrong.cts': wrong }
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  it.each([
    ['Node, as ES modules and as CommonJS', ['right.mts', 'right.cts'], node],
    ['a bundler', ['right.mts'], bundler],
  ])('compile for %s', (_what, names, options) => {
    expect(problemsIn(project, names, options)).toEqual([])
  })

  it('refuse what does not fit, in both', () => {
    const said = problemsIn(project, ['wrong.mts', 'wrong.cts'], node)
    const places = ['wrong.mts:5 ', 'wrong.mts:6 ', 'wrong.cts:5 ', 'wrong.cts:6 ']

    expect(said).toEqual(places.map((place) => expect.stringContaining(place)))
  })
})
