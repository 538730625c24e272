import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import ts from 'typescript'
import { installPackage } from './install-package.js'

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

const strict = {
  lib: ['lib.es2023.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  declaration: true,
  skipLibCheck: false,
}
const node = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
}
const bundler = {
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
}

describe('the declarations', () => {
  let project = ''

  beforeAll(async () => {
    project = await mkdtemp(join(tmpdir(), 'holdfast-declarations-'))
    await installPackage(project, ['@types/express-session', '@types/express', '@types/node'])
    const files = { 'right.mts': right, 'right.cts': right, 'wrong.mts': wrong, 'wrong.cts': wrong }
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text)
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  /** What the compiler says of these files, and of the package's own declarations: where, and what. */
  function problemsIn(names: readonly string[], options: ts.CompilerOptions): readonly string[] {
    const typeRoots = [join(project, 'node_modules/@types')]
    const program = ts.createProgram({
      rootNames: names.map((name) => join(project, name)),
      options: { ...strict, ...options, typeRoots },
    })
    const files = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(project))
    const problems = [
      ...program.getOptionsDiagnostics(),
      ...files.flatMap((file) => program.getSemanticDiagnostics(file)),
      ...files.flatMap((file) => program.getDeclarationDiagnostics(file)),
    ]
    return problems.map(({ file, start = 0, messageText }) => {
      const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1
      const said = ts.flattenDiagnosticMessageText(messageText, ' ')
      return `${basename(file?.fileName ?? '')}:${line} ${said}`
    })
  }

  it.each([
    ['Node, as ES modules and as CommonJS', ['right.mts', 'right.cts'], node],
    ['a bundler', ['right.mts'], bundler],
  ])('compile for %s', (_what, names, options) => {
    expect(problemsIn(names, options)).toEqual([])
  })

  it('refuse what does not fit, in both', () => {
    const said = problemsIn(['wrong.mts', 'wrong.cts'], node)
    const places = ['wrong.mts:5 ', 'wrong.mts:6 ', 'wrong.cts:5 ', 'wrong.cts:6 ']

    expect(said).toEqual(places.map((place) => expect.stringContaining(place)))
  })
})
