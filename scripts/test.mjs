import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'

/* Runs Jest with what was given on the command line: `npm test -- test/unit`. */

const root = join(import.meta.dirname, '..')
// The generated Prisma client imports its query compiler at run time, which Jest allows only with this flag.
const nodeOptions = `${env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`

function run(script, args, childEnv = env) {
  const { status } = spawnSync(execPath, [join(root, script), ...args], {
    cwd: root,
    env: childEnv,
    stdio: 'inherit',
  })
  if (status !== 0) exit(status ?? 1)
}

run('scripts/prisma-generate.mjs', [])
run('node_modules/jest/bin/jest.js', argv.slice(2), { ...env, NODE_OPTIONS: nodeOptions })
