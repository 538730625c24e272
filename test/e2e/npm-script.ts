import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(__dirname, '../..')
const scripts = (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
).scripts

/** How a script ended, and all that it printed. */
export interface Ended {
  readonly status: number | null
  readonly output: string
}

/** Runs an npm script as npm would, and gives what it printed. */
export function runScript(
  name: string,
  env: Record<string, string>,
  ...args: string[]
): Promise<Ended> {
  const [program, ...words] = scripts[name]!.split(' ')
  if (program !== 'node') throw new Error(`${name} is no script of node's`)
  const childEnv = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env }
  const child = spawn(process.execPath, [...words, ...args], { cwd: root, env: childEnv })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, output })))
}
