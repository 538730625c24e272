import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { clearInterval, setInterval } from 'node:timers'
import { pathToFileURL } from 'node:url'

/*
 * Builds the library and the Prisma client, compiles an example, and runs it: the one that is named, or `express-app`;
 * with `--build-only` it does not run it. What is up to date is not built again.
 */

const root = join(import.meta.dirname, '..')
const [name = 'express-app'] = process.argv.slice(2).filter((each) => !each.startsWith('-'))
const example = join(root, 'examples', name)

async function run(script, ...args) {
  const child = spawn(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  const [status] = await once(child, 'exit')
  return status ?? 1
}

// Side by side: compiling the example needs none of the others, since its types are checked by `npm run check`.
const statuses = await Promise.all([
  run('scripts/prisma-generate.mjs'),
  run('scripts/build.mjs'),
  run(
    'node_modules/typescript/bin/tsc',
    '--build',
    join(example, 'tsconfig.build.json'),
    '--noCheck',
  ),
])
const failed = statuses.find((status) => status !== 0)
if (failed !== undefined) process.exit(failed)

/** A signal that is sent to npm ends the shell between npm and this process, and most shells do not pass it on. */
function endWithShell() {
  const shell = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 250)
  watch.unref()
}

if (!process.argv.includes('--build-only')) {
  if (process.env.npm_lifecycle_event !== undefined) endWithShell()
  // In this process, so that a signal reaches the example once and as it was sent.
  const main = join(example, 'dist/main.js')
  process.argv[1] = main
  await import(pathToFileURL(main).href)
}
