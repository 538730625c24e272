import { spawn } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { buildSync } from 'esbuild'
import { SessionManager, type Issued } from 'holdfast/tokens'
import { withVariables } from '../users/with-variables.js'

/** What a manager looks at, and what the process had before counts for nothing. */
export type Variables = Readonly<Record<string, string | undefined>>

/** A secret made by chance. */
export const aSecret = () => randomBytes(32).toString('base64')

/** Secrets, no storage, and no NODE_ENV. */
export const plain: Variables = {
  NODE_ENV: undefined,
  DATABASE_URL: undefined,
  REDIS_URL: undefined,
  JWT_SECRET: aSecret(),
  SESSION_ENCRYPTION_KEY: aSecret(),
}

/** A manager that was opened in this environment. */
export async function openIn(variables: Variables): Promise<SessionManager> {
  const manager = new SessionManager()
  await withVariables({ ...plain, ...variables }, () => manager.ready())
  return manager
}

/** Begins a session of anybody. */
export async function logIn(
  manager: SessionManager,
  userId: string = randomUUID(),
  orgId: string = randomUUID(),
): Promise<Issued> {
  const login = await manager.createSession(userId, orgId)
  if (!login.success) throw login.error
  return login
}

const root = join(__dirname, '../../../..')

/** What a program printed, and how it ended. */
export interface Ended {
  readonly output: string
  readonly status: number | null
}

/** Runs a program, of which `sessionManager` is given, in a process of its own, until it ends by itself. */
export async function runToEnd(contents: string, variables: Variables): Promise<Ended> {
  const outfile = join(root, `node_modules/.cache/test-programs/tokens-${randomUUID()}.cjs`)
  const door = join(root, 'src/doors/tokens/index.ts')
  buildSync({
    stdin: {
      contents: `import { sessionManager } from ${JSON.stringify(door)}\nvoid (async () => { ${contents} })()`,
      resolveDir: root,
      loader: 'ts',
    },
    ...{ outfile, bundle: true, platform: 'node', format: 'cjs', packages: 'external' },
  })
  const env = { ...process.env, NODE_OPTIONS: '', ...plain, ...variables }
  const child = spawn(process.execPath, [outfile], { env, timeout: 8_000 })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const [status] = (await once(child, 'close')) as [number | null]
  await rm(outfile)
  return { output: output.trim(), status }
}
