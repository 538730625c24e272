import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { env, execPath, exit } from 'node:process'

/*
 * Everything that can be known without running the code: types, lint, format, dead code and the package's shape.
 * Two lanes, for two cores; each check runs even when another has failed.
 */

const root = join(import.meta.dirname, '..')
const tool = (path, ...args) => [join(root, 'node_modules', path), ...args]

const lanes = [
  [
    ['types', tool('typescript/bin/tsc', '-p', 'tsconfig.json', '--pretty', 'false')],
    ['build', [join(root, 'scripts/build.mjs')]],
    ['publint', tool('publint/src/cli.js', '--strict')],
    ['attw', tool('@arethetypeswrong/cli/dist/index.js', '--pack', '.')],
    ['dead code', tool('knip/bin/knip.js')],
  ],
  [
    ['lint', tool('eslint/bin/eslint.js', '--max-warnings', '0', '.')],
    ['format', tool('prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.')],
  ],
]

async function passes(name, args) {
  const startedAt = performance.now()
  const child = spawn(execPath, args, { cwd: root, env: { ...env, FORCE_COLOR: '0' } })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text))
  }
  const [status] = await once(child, 'close')
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(`${status === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`)
  if (status !== 0) console.log(output)
  return status === 0
}

async function runInOrder(lane) {
  const results = []
  for (const [name, args] of lane) results.push(await passes(name, args))
  return results
}

// The types of the tests and the examples need the generated client.
const isGenerated = await passes('prisma client', [join(root, 'scripts/prisma-generate.mjs')])
const results = await Promise.all(lanes.map(runInOrder))
if (!isGenerated || results.flat().includes(false)) exit(1)
