import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { pathToFileURL } from 'node:url'

/* Builds the library and the Prisma client, compiles the Express example against them, and runs it. */

const root = join(import.meta.dirname, '..')
const example = join(root, 'examples/express-app')

function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

run('scripts/prisma-generate.mjs')
run('scripts/build.mjs')
run('node_modules/typescript/bin/tsc', '-p', join(example, 'tsconfig.build.json'))

// In this process, so that a signal reaches the example once and as it was sent.
const main = join(example, 'dist/main.js')
process.argv[1] = main
await import(pathToFileURL(main).href)
