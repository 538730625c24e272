import { execFile, execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireBinary } from './binaries.ts'
import type { Account } from './private-server.ts'

const run = promisify(execFile)

/** Where a server keeps what it holds, in its folder. */
export function dataFolder(folder: string): string {
  return join(folder, 'data')
}

/** Makes an empty data folder. */
export async function initialise(folder: string, account: Account | undefined): Promise<void> {
  await run(
    requireBinary('initdb'),
    [
      ...['-D', dataFolder(folder), '--username=postgres', '--auth=trust'],
      ...['--encoding=UTF8', '--locale=C', '--no-sync', '--wal-segsize=1'],
    ],
    { cwd: folder, ...account },
  )
}

/** Makes a data folder that is like another one, of which no server runs. */
export async function copyFrom(
  template: string,
  folder: string,
  account: Account | undefined,
): Promise<void> {
  await run('cp', ['-R', dataFolder(template), dataFolder(folder)], { cwd: folder, ...account })
}

/** Postgres refuses to run as root: then it runs as `postgres`, or as `nobody` where there is no such user. */
export function unprivilegedAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  return accountOf('postgres') ?? accountOf('nobody')
}

function accountOf(name: string): Account | undefined {
  const ask = (what: string) =>
    Number(
      execFileSync('id', [what, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    )
  try {
    return { uid: ask('-u'), gid: ask('-g') }
  } catch {
    return undefined
  }
}
