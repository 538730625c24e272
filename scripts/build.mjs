import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath, exit } from 'node:process'

/* Builds dist/esm and dist/cjs from src: the same sources, compiled twice by tsc; what has not changed is not compiled again. */

const root = join(import.meta.dirname, '..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')

async function compile(project) {
  const child = spawn(execPath, [tsc, '--build', join(root, project)], { stdio: 'inherit' })
  const [status] = await once(child, 'exit')
  return status === 0
}

/** What a source that is gone was once compiled to would still be published. */
function removeOutputsWithoutSource(format) {
  const outputs = join(root, 'dist', format)
  for (const name of readdirSync(outputs, { recursive: true })) {
    const output = /^(?<source>.+?)(?<types>\.d)?\.(?<kind>[cm]?)(?:js|ts)$/.exec(name)?.groups
    if (!output) continue
    const candidates = [`.${output.kind}ts`, '.tsx'].map((suffix) => output.source + suffix)
    const hasSource = candidates.some((source) => existsSync(join(root, 'src', source)))
    if (!hasSource) rmSync(join(outputs, name))
  }
}

/**
 * Without it Node would take dist/cjs/*.js for ES modules, as the package's own `type` says. It is written once: tests
 * build side by side, and none may find it half written.
 */
function markAsCommonJs() {
  const manifest = join(root, 'dist/cjs/package.json')
  if (existsSync(manifest)) return
  mkdirSync(join(root, 'dist/cjs'), { recursive: true })
  writeFileSync(manifest, '{ "type": "commonjs" }\n')
}

markAsCommonJs()
const compiled = await Promise.all([compile('tsconfig.esm.json'), compile('tsconfig.cjs.json')])
if (compiled.includes(false)) exit(1)
for (const format of ['esm', 'cjs']) removeOutputsWithoutSource(format)
