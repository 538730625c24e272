import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { build } from 'esbuild'

/*
 * Compiles the soak and its workers and runs it: `npm run test:soak -- --minutes 60 --seed 7`. Ends with 1 where an
 * invariant was broken.
 */

const root = join(import.meta.dirname, '..')

async function run(...args) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
  // Ctrl-C reaches the whole group; a signal that is sent to this process alone is passed on.
  const passOn = (signal) => child.kill(signal)
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, passOn)
  const [status] = await once(child, 'exit')
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, passOn)
  return status ?? 1
}

// In the project, so that the programs find what it has installed.
const cache = join(root, 'node_modules/.cache')
await mkdir(cache, { recursive: true })
const folder = await mkdtemp(join(cache, 'holdfast-soak-'))
try {
  await build({
    absWorkingDir: root,
    entryPoints: ['soak', 'worker'].map((name) => `test/chaos/programs/${name}.ts`),
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    packages: 'external',
    logLevel: 'error',
  })
  const given = process.argv.slice(2)
  process.exitCode = await run(
    join(folder, 'soak.cjs'),
    ...given,
    '--worker',
    join(folder, 'worker.cjs'),
  )
} finally {
  await rm(folder, { recursive: true, force: true })
}
