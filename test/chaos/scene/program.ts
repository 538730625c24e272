import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { promisify } from 'node:util'

const root = join(__dirname, '../../..')
const esbuild = join(root, 'node_modules/esbuild/bin/esbuild')

/** A program of test/chaos/programs in a process of its own. */
export interface Program {
  readonly process: ChildProcessByStdio<null, Readable, null>
  /** What it has printed. */
  output(): string
  /** Resolves with its exit code and signal, once all it printed was read. */
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>
}

/** Compiles a program of test/chaos/programs, in the project, so that it finds what the project has installed. */
export async function compileProgram(
  name: string,
): Promise<{ file: string; remove(): Promise<void> }> {
  const cache = join(root, 'node_modules/.cache')
  await mkdir(cache, { recursive: true })
  const folder = await mkdtemp(join(cache, 'holdfast-program-'))
  const file = join(folder, `${name}.cjs`)
  await promisify(execFile)(esbuild, [
    join(__dirname, '../programs', `${name}.ts`),
    ...['--bundle', '--platform=node', '--format=cjs', '--external:pg-native', '--log-level=error'],
    `--outfile=${file}`,
  ])
  return { file, remove: () => rm(folder, { recursive: true, force: true }) }
}

/** Starts a compiled program. */
export function startProgram(file: string, args: readonly string[]): Program {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>
  return { process: child, output: () => output, ended }
}
