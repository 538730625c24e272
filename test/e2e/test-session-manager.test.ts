import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'

const root = join(__dirname, '../..')
const script = join(root, 'scripts/test-session-manager.js')
let folder: string

beforeAll(async () => {
  spawnSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: 'inherit' })
  folder = await mkdtemp(join(tmpdir(), 'holdfast-tokens-'))
}, 120_000)

afterAll(() => rm(folder, { recursive: true }))

/** Runs the script, wherever it is started, with these options of node before it. */
function run(nodeArgs: readonly string[] = [], variables: NodeJS.ProcessEnv = {}) {
  const { PATH } = process.env
  const options = { cwd: folder, env: { PATH, ...variables }, encoding: 'utf8' } as const
  const { stdout, stderr, status } = spawnSync(process.execPath, [...nodeArgs, script], options)
  return { lines: stdout.trim().split('\n'), stderr, status }
}

/** Breaks one method of every manager before the script begins. */
async function broken(method: string, body: string): Promise<string[]> {
  const dist = pathToFileURL(join(root, 'dist/tokens.js')).href
  const path = join(folder, `${method}.mjs`)
  const source = `import { SessionManager } from '${dist}'\nSessionManager.prototype.${method} = ${body}\n`
  await writeFile(path, source)
  return ['--import', pathToFileURL(path).href]
}

/** What is asked for, and what was added to it. */
const methods = [
  ...['createSession', 'validateSession', 'refreshSession', 'destroySession', 'getUserFromToken'],
  ...['hasPermission', 'cleanupExpiredSessions', 'getSessionStats', 'setLogger'],
  ...['getActiveSessions', 'requirePermission', 'revokeAllSessions', 'SessionManager.instance'],
]

describe('scripts/test-session-manager.js', () => {
  it('finds all as it should be in the built package, and looks at every method', () => {
    const { lines, stderr, status } = run()
    const claims = lines.slice(0, -1)

    expect({ stderr, status, end: lines.at(-1) }).toEqual({
      ...{ stderr: '', status: 0, end: 'All of it is so' },
    })
    expect(claims.filter((line) => !line.startsWith('ok '))).toEqual([])
    for (const method of methods) expect(claims.join('\n')).toContain(method)
  })

  it('runs in memory, whatever the shell that starts it is set up for', () => {
    const { status } = run([], {
      ...{ NODE_ENV: 'production', JWT_SECRET: 'changeme' },
      ...{ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/x', REDIS_URL: 'redis://127.0.0.1:1' },
    })

    expect(status).toBe(0)
  })

  it.each([
    ['hasPermission', 'async () => true'],
    ['destroySession', 'async () => ({ success: true })'],
    ['createSession', 'async () => { throw new Error("away") }'],
  ])('ends with 1 and says what is not so where %s is broken', async (method, body) => {
    const { lines, status } = run(await broken(method, body))

    expect(status).toBe(1)
    expect(lines.at(-1)).toMatch(/^\d+ of these are not so$/)
    expect(lines.join('\n')).toMatch(new RegExp(`^not ok .*${method}`, 'm'))
  })
})
