import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { cpus, release, totalmem, type } from 'node:os'
import { promisify } from 'node:util'
import { requireBinary } from '../test/services/binaries.ts'
import type { Machine } from './report/results.ts'

const run = promisify(execFile)

const PACKAGES = [
  ...['holdfast', 'express', 'express-session', 'ioredis', 'pg', '@prisma/client'],
  ...['connect-redis', 'redis', 'connect-pg-simple', '@quixo3/prisma-session-store', 'memorystore'],
  ...['jsonwebtoken', 'autocannon'],
]

/** What this runs on. */
export function describeMachine(): Machine {
  const all = cpus()
  return {
    cpu: all[0]?.model ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release().split('-')[0] ?? ''}`,
  }
}

/** The versions of all that takes part. */
export async function versionsOf(): Promise<Readonly<Record<string, string>>> {
  const versions: Record<string, string> = { 'Node.js': process.versions.node }
  versions['Redis'] = await versionOf('redis-server')
  versions['Postgres'] = await versionOf('postgres')
  for (const name of PACKAGES) versions[name] = await packageVersion(name)
  return versions
}

async function versionOf(program: string): Promise<string> {
  const { stdout } = await run(requireBinary(program), ['--version'])
  return /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown'
}

/** A package need not export its package.json: it is looked for beside what it exports. */
async function packageVersion(name: string): Promise<string> {
  const entry = createRequire(import.meta.url).resolve(name)
  const folder = entry.slice(0, entry.lastIndexOf(`/${name}/`) + name.length + 2)
  const path =
    name === 'holdfast' ? new URL('../../package.json', import.meta.url) : `${folder}package.json`
  const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: string }
  return version
}
