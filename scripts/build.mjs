import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'

/*
 * Builds dist from src; scripts/bundle.mjs says what. Nothing is done where dist was built from the same sources
 * already. Several processes may build side by side while others load what is there: each builds in a folder of its
 * own, and puts a file in its place when it is whole.
 */

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const stamp = '.built-from'
const recipe = [
  'scripts/build.mjs',
  'scripts/bundle.mjs',
  'tsconfig.base.json',
  'tsconfig.build.json',
  '.prettierrc.json',
  'package-lock.json',
]

/** The same for two builds that come to the same. */
function fingerprint() {
  const sources = readdirSync(join(root, 'src'), { recursive: true })
    .filter((name) => /\.[cm]?tsx?$/.test(name))
    .map((name) => join('src', name))
  const hash = createHash('sha256')
  for (const path of [...sources.sort(), ...recipe]) {
    hash.update(`${path}\n`).update(readFileSync(join(root, path)))
  }
  return hash.digest('hex')
}

/** Checks the types of all sources, and declares them in this folder. */
async function declare(folder) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--outDir', folder]
  const [status] = await once(spawn(process.execPath, args, { stdio: 'inherit' }), 'exit')
  if (status !== 0) process.exit(1)
}

/** The files of dist: name to text. */
async function build(draft) {
  const declarations = join(draft, 'declarations')
  const declared = declare(declarations)
  const { bundleCode, bundleTypes } = await import('./bundle.mjs')
  const code = await bundleCode()
  await declared
  return new Map([...code, ...(await bundleTypes(declarations))])
}

function built(name) {
  const path = join(dist, name)
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}

function put(name, text, draft) {
  if (built(name) === text) return
  writeFileSync(join(draft, name), text)
  renameSync(join(draft, name), join(dist, name))
}

function removeAllBut(files) {
  for (const name of readdirSync(dist)) {
    if (files.has(name) || name.startsWith('.')) continue
    rmSync(join(dist, name), { recursive: true, force: true })
  }
}

const wanted = fingerprint()
if (built(stamp) !== wanted) {
  mkdirSync(dist, { recursive: true })
  const draft = mkdtempSync(join(dist, '.draft-'))
  process.on('exit', () => rmSync(draft, { recursive: true, force: true }))
  const files = await build(draft)
  for (const [name, text] of files) put(name, text, draft)
  removeAllBut(files)
  put(stamp, wanted, draft)
}
