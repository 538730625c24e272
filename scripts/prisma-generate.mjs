import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import { env, execPath, exit } from 'node:process'
import { parseArgs } from 'node:util'

/*
 * Generates the Prisma client that the tests and the examples use, when the schema has changed since the last time.
 * `--force` generates it in any case, `--schema` the client of another schema.
 */

const { values } = parseArgs({
  options: {
    force: { type: 'boolean', default: false },
    schema: { type: 'string', default: 'prisma/schema.prisma' },
  },
})
const root = join(import.meta.dirname, '..')
const schema = readFileSync(join(root, values.schema), 'utf8')

/** The folder that the client goes to; Prisma's own default, where the schema names none. */
const output = /^\s*output\s*=\s*"(?<folder>.+)"/m.exec(schema)?.groups?.folder
const folder = output
  ? join(root, dirname(values.schema), output)
  : join(root, 'node_modules/.prisma/client')
const stampPath = join(folder, '.generated-from')

const stamp = createHash('sha256')
  .update(schema)
  .update(readFileSync(join(root, 'node_modules/prisma/package.json')))
  .digest('hex')

const isUpToDate = existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp

if (!isUpToDate || values.force) {
  // Prisma fetches its schema engine before any command, though `generate` never runs it: naming an executable
  // that exists is what keeps this working with no network.
  const childEnv = {
    PRISMA_SCHEMA_ENGINE_BINARY: execPath,
    ...env,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  }
  const cli = join(root, 'node_modules/prisma/build/index.js')
  const { status, stdout, stderr } = spawnSync(
    execPath,
    [cli, 'generate', '--schema', join(root, values.schema)],
    { cwd: root, env: childEnv, encoding: 'utf8' },
  )
  if (status !== 0) {
    console.error(stdout, stderr)
    exit(status ?? 1)
  }
  mkdirSync(folder, { recursive: true })
  writeFileSync(stampPath, stamp)
  console.log(`Generated the Prisma client of ${values.schema}`)
}
