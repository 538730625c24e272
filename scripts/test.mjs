import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'

/*
 * Runs Jest with what was given on the command line. `npm test -- test/unit` runs what lies there; a run of
 * everything builds the package first, for the tests that look at it as its users do.
 */

const root = join(import.meta.dirname, '..')
const jestArgs = argv.slice(2)
const isWholeRun = jestArgs.every((arg) => arg.startsWith('-'))
// The generated Prisma client imports its query compiler at run time, which Jest allows only with this flag.
const nodeOptions = `${env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`

function succeeds(script, args = [], childEnv = env) {
  const { status } = spawnSync(execPath, [join(root, script), ...args], {
    cwd: root,
    env: childEnv,
    stdio: 'inherit',
  })
  return status === 0
}

if (!succeeds('scripts/prisma-generate.mjs')) exit(1)

const isBuilt = !isWholeRun || succeeds('scripts/build.mjs')
const jestEnv = { ...env, NODE_OPTIONS: nodeOptions.trim() }
const isPassed = succeeds('node_modules/jest/bin/jest.js', jestArgs, jestEnv)

if (!isBuilt) console.error('The package could not be built: see above the tests')
if (!isBuilt || !isPassed) exit(1)
