import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { env, execPath } from 'node:process'

/*
 * Prisma's command line, as the database commands call it.
 */

const root = join(import.meta.dirname, '..')

/** What it says where it can not have its schema engine, which it fetches when it is first needed. */
const NO_ENGINE = /schema-engine|binaries\.prisma\.sh|PRISMA_SCHEMA_ENGINE_BINARY/

/** How long fetching the engine may take where the network answers nothing, ms. */
const LONGEST = 120_000

/** Runs a command of Prisma's, shows what it says, and gives its exit code; `'no engine'` where that is what is missing. */
export async function runPrisma(...args) {
  const child = startPrisma(args, ['inherit', 'pipe', 'pipe'])
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (said += text))
  }
  const [status, signal] = await once(child, 'close')
  if (status !== 0 && (NO_ENGINE.test(said) || signal !== null)) return 'no engine'
  console.log(said.trim())
  return status ?? 1
}

/** The same for a command that goes on until it is ended, and needs no engine. */
export async function stayWithPrisma(...args) {
  const [status] = await once(startPrisma(args, 'inherit'), 'exit')
  return status ?? 0
}

function startPrisma(args, stdio) {
  const cli = join(root, 'node_modules/prisma/build/index.js')
  const childEnv = { ...env, PRISMA_HIDE_UPDATE_MESSAGE: '1' }
  const timeout = stdio === 'inherit' ? undefined : LONGEST
  return spawn(execPath, [cli, ...args], { cwd: root, env: childEnv, stdio, timeout })
}
