import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'
import { installPackage, type Packed } from './install-package.js'

const run = promisify(execFile)
const root = join(__dirname, '../..')

interface Manifest {
  readonly dependencies?: Record<string, string>
  readonly peerDependencies: Record<string, string>
  readonly peerDependenciesMeta: Record<string, { optional: boolean }>
  readonly exports: Record<string, string | { readonly import: string; readonly require: string }>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const entries = Object.keys(manifest.exports)
  .filter((name) => name !== './package.json')
  .map((name) => name.replace('.', 'holdfast'))

/** What an entry can not do without: whoever imports it has installed these. */
const neededBy: Readonly<Record<string, readonly string[]>> = {
  'holdfast/express': ['express-session'],
  'holdfast/tokens': ['jose', 'rate-limiter-flexible', 'zod'],
}

/** These files, and those that they load. */
function reachedFrom(paths: readonly string[]): readonly string[] {
  const reached = new Set(paths)
  for (const path of reached) {
    const text = readFileSync(join(root, path), 'utf8')
    const named = text.matchAll(/(?:require\(\s*|from )["']\.\/([a-z-]+)\.cjs["']/g)
    const suffix = path.endsWith('.d.cts') ? '.d.cts' : '.cjs'
    for (const [, name] of named) reached.add(`dist/${name}${suffix}`)
  }
  return [...reached]
}

/** Runs a program of the user's project and returns what it printed. */
async function runThere(project: string, program: string, ...flags: string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...flags, '-e', program], { cwd: project })
  return stdout.trim()
}

describe('the package', () => {
  let project = ''
  let packed: Packed

  beforeAll(async () => {
    if (!existsSync(join(root, 'dist'))) throw new Error('Build it first: npm run build')
    project = await mkdtemp(join(tmpdir(), 'holdfast-package-'))
    packed = await installPackage(project, Object.values(neededBy).flat())
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  it('holds what a user needs and nothing else', () => {
    const needed =
      /^(?:dist\/[a-z-]+\.(?:js|cjs|d\.ts|d\.cts)|package\.json|prisma\/schema\.prisma|prisma\/(?:migrations|reset)\/.+|README\.md|LICENSE|CHANGELOG\.md)$/
    const paths = packed.files.map(({ path }) => path)

    expect(paths.filter((path) => !needed.test(path))).toEqual([])
    expect(paths).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'CHANGELOG.md', 'prisma/schema.prisma']),
    )
    expect(paths.some((path) => path.endsWith('/migration.sql'))).toBe(true)
    expect(paths.filter((path) => path.endsWith('-reset.sql'))).toHaveLength(3)
  })

  it('is no larger than 300 KB for whoever imports the door for Express, and 600 KB with all doors', () => {
    const sizes = new Map(packed.files.map(({ path, size }) => [path, size]))
    const sizeOf = (paths: Iterable<string>) =>
      [...paths].reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0)
    const loaded = reachedFrom(['dist/express.js', 'dist/express.cjs', 'dist/express.d.cts'])

    expect(loaded).toContain('dist/engine.cjs')
    expect(loaded).not.toContain('dist/tokens.cjs')
    expect(loaded).not.toContain('dist/users.cjs')
    expect(sizeOf(loaded)).toBeLessThanOrEqual(300_000)
    expect(packed.unpackedSize).toBeLessThanOrEqual(600_000)
  })

  it('holds each page that its README links to, but for docs, which the repository has', () => {
    const readme = readFileSync(join(project, 'node_modules/holdfast/README.md'), 'utf8')
    const links = [...readme.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)].map(([, path]) => path!)
    const missing = (folder: string) => links.filter((path) => !existsSync(join(folder, path)))

    expect(missing(root)).toEqual([])
    const notInstalled = missing(join(project, 'node_modules/holdfast'))
    expect(notInstalled).toContain('docs/consistency.md')
    expect(notInstalled.filter((path) => !path.startsWith('docs/'))).toEqual([])
  })

  it('depends on an LRU list and on a parser of cookies, and on each peer only if it is there', () => {
    expect(Object.keys(manifest.dependencies ?? {})).toEqual(['cookie', 'lru-cache'])
    expect(Object.keys(manifest.peerDependenciesMeta).sort()).toEqual(
      Object.keys(manifest.peerDependencies).sort(),
    )
    expect(Object.values(manifest.peerDependenciesMeta).every(({ optional }) => optional)).toBe(
      true,
    )
  })

  it.each(entries)('%s has the same names for import and for require', async (entry) => {
    const print = 'console.log(Object.keys(names).sort().join())'
    const imported = await runThere(
      project,
      `import * as names from '${entry}'; ${print}`,
      '--input-type=module',
    )
    const required = await runThere(project, `const names = require('${entry}'); ${print}`)

    expect(imported).not.toBe('')
    expect(required).toBe(imported)
  })

  it.each(entries)('%s is there once, be it imported or required', async (entry) => {
    const program = `
      import { createRequire } from 'node:module'
      import * as imported from '${entry}'
      const required = createRequire(import.meta.url)('${entry}')
      console.log(Object.keys(imported).filter((name) => imported[name] !== required[name]).join())`

    expect(await runThere(project, program, '--input-type=module')).toBe('')
  })

  it('runs where there is no `import()`, as in the CommonJS that Jest runs', () => {
    const code = packed.files.filter(({ path }) => /^dist\/.*(?<!\.d)\.cjs$/.test(path))

    expect(code.length).toBeGreaterThanOrEqual(entries.length)
    for (const { path } of code) {
      expect(readFileSync(join(root, path), 'utf8')).not.toMatch(/\bimport\(/)
    }
  })

  it('says what to install where a Redis URL is given and ioredis is not there', async () => {
    const program = `
      import { openSessions } from 'holdfast'
      const engine = openSessions({ redis: 'redis://127.0.0.1:1', ledger: 'memory' })
      await engine.ready().catch(({ code, message }) => console.log(code, message))
      await engine.close()`

    expect(await runThere(project, program, '--input-type=module')).toMatch(
      /^ERR_INVALID_OPTION .*npm install ioredis$/,
    )
  })

  it('hashes passwords by argon2 where that is installed, and else by scrypt', async () => {
    const program = `
      const { hashPassword, verifyPassword } = require('holdfast/users')
      const print = async (hash) => console.log(hash.split('$')[1], (await verifyPassword('a', hash)).isValid)
      hashPassword('a').then(print)`
    const argon2 = join(project, 'node_modules/@node-rs/argon2')

    expect(await runThere(project, program)).toBe('scrypt true')
    await mkdir(dirname(argon2), { recursive: true })
    await symlink(join(root, 'node_modules/@node-rs/argon2'), argon2)
    expect(await runThere(project, program)).toBe('argon2id true')
  })

  it('throws errors of the tRPC that a program imports, or requires', async () => {
    const trpc = join(project, 'node_modules/@trpc/server')
    await mkdir(dirname(trpc), { recursive: true })
    await symlink(join(root, 'node_modules/@trpc/server'), trpc)
    const act = `
      const ctx = { authState: 'anonymous', user: null, getErrorMessage: String }
      authMiddleware({ ctx }).catch((error) => console.log(error instanceof TRPCError, error.code))`
    const names = '{ authMiddleware }'
    const imported = `import ${names} from 'holdfast/users'; import { TRPCError } from '@trpc/server'; ${act}`
    const required = `const ${names} = require('holdfast/users'); const { TRPCError } = require('@trpc/server'); ${act}`

    expect(await runThere(project, imported, '--input-type=module')).toBe('true UNAUTHORIZED')
    expect(await runThere(project, required)).toBe('true UNAUTHORIZED')
  })

  it.each(entries)(
    '%s is bundled where no package is installed that it can do without',
    async (entry) => {
      const bare = await mkdtemp(join(tmpdir(), 'holdfast-bare-'))
      await installPackage(bare, neededBy[entry] ?? [])
      const options = { bundle: true, platform: 'node', write: false, logLevel: 'silent' } as const
      const contents = `import * as all from '${entry}'; console.log(all)`
      const { errors } = await build({ ...options, stdin: { contents, resolveDir: bare } })
      await rm(bare, { recursive: true, force: true })

      expect(errors).toEqual([])
    },
  )

  it('does not show package internals', async () => {
    await expect(runThere(project, `require('holdfast/dist/core.cjs')`)).rejects.toMatchObject({
      stderr: expect.stringContaining('ERR_PACKAGE_PATH_NOT_EXPORTED'),
    })
  })
})
