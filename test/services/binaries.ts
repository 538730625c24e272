import { execFileSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const debianPostgres = '/usr/lib/postgresql'
const installCommand =
  'apt-get update && apt-get install -y --no-install-recommends redis-server postgresql'

/** The path of a program: on the PATH, or in Debian's folder of the newest Postgres. */
export function findBinary(name: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...debianPostgresFolders()]
  return folders.map((folder) => join(folder, name)).find(isExecutable)
}

/**
 * The path of a program that has to be there.
 *
 * @throws Error that says what to run where it is not.
 */
export function requireBinary(name: string): string {
  const path = findBinary(name)
  if (path === undefined) throw new Error(`${name} was not found; run: ${installCommand}`)
  return path
}

/**
 * Makes sure that these programs are there: installs Debian's packages where that is allowed.
 *
 * @param isRoot Whether this process may install packages. Default: whether it runs as root.
 * @throws Error that says what to run where it is not: no test is ever skipped for want of a server.
 */
export function ensureInstalled(names: readonly string[], isRoot = process.getuid?.() === 0): void {
  const missing = names.filter((name) => findBinary(name) === undefined)
  if (missing.length > 0 && isRoot && findBinary('apt-get') !== undefined) {
    process.stderr.write(`${missing.join(' and ')} not found, installing: ${installCommand}\n`)
    execFileSync('sh', ['-c', installCommand], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  }
  for (const name of names) requireBinary(name)
}

function debianPostgresFolders(): string[] {
  if (!existsSync(debianPostgres)) return []
  return readdirSync(debianPostgres)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(debianPostgres, version, 'bin'))
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
