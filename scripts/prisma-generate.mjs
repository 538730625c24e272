import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { argv, env, execPath, exit } from 'node:process'

/*
 * Generates the Prisma client that the tests and the examples use, when the schema has changed since the last time.
 * `--force` generates it in any case.
 */

const root = join(import.meta.dirname, '..')
const schemaPath = join(root, 'prisma/schema.prisma')
const stampPath = join(root, 'node_modules/.prisma/client/.generated-from')

const stamp = createHash('sha256')
  .update(readFileSync(schemaPath))
  .update(readFileSync(join(root, 'node_modules/prisma/package.json')))
  .digest('hex')

const isUpToDate = existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp

if (!isUpToDate || argv.includes('--force')) {
  // Prisma fetches its schema engine before any command, though `generate` never runs it: naming an executable
  // that exists is what keeps this working with no network.
  const childEnv = {
    PRISMA_SCHEMA_ENGINE_BINARY: execPath,
    ...env,
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  }
  const cli = join(root, 'node_modules/prisma/build/index.js')
  const { status, stdout, stderr } = spawnSync(execPath, [cli, 'generate'], {
    cwd: root,
    env: childEnv,
    encoding: 'utf8',
  })
  if (status !== 0) {
    console.error(stdout, stderr)
    exit(status ?? 1)
  }
  writeFileSync(stampPath, stamp)
  console.log('Generated the Prisma client: @prisma/client has the models of prisma/schema.prisma')
}
