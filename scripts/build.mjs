import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'
import { execPath, exit } from 'node:process'

/*
 * Builds dist. The code is there once, as CommonJS, and dist/esm re-exports it by name: a program that imports and
 * requires the package, knowingly or not, has one copy of each class. Declarations keep their comments, code does not.
 */

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')
const compiled = join(root, 'node_modules/.cache/holdfast')

/** What package.json exports, as paths under dist/cjs without a suffix: `doors/express/index`. */
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.values(exports)
  .map((entry) => entry.require)
  .filter(Boolean)
  .map((path) => path.replace('./dist/cjs/', '').replace('.js', ''))

/** What has not changed since the last time is not compiled again. */
async function compile(project) {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const child = spawn(execPath, [tsc, '--build', join(root, project)], { stdio: 'inherit' })
  const [status] = await once(child, 'exit')
  return status === 0
}

/** The files of a folder that these ones need, themselves included; `nameOf` turns an import into a file's name. */
function neededFiles(folder, files, nameOf) {
  const needed = new Map()
  const visit = (file) => {
    if (needed.has(file)) return
    const text = readFileSync(join(folder, file), 'utf8')
    needed.set(file, text)
    for (const [, specifier] of text.matchAll(
      /(?:from|import|require)\b\s*\(?\s*['"](\.[^'"]+)['"]/g,
    )) {
      visit(normalize(join(dirname(file), nameOf(specifier))))
    }
  }
  files.forEach(visit)
  return needed
}

function commonJsFiles() {
  const code = entries.map((entry) => `${entry}.js`)
  const types = entries.map((entry) => `${entry}.d.ts`)
  return new Map([
    ...neededFiles(join(compiled, 'code'), code, (specifier) => specifier),
    ...neededFiles(join(compiled, 'types'), types, (specifier) =>
      specifier.replace(/\.(c?)js$/, '.d.$1ts'),
    ),
    // Without it Node would take the others for ES modules, as the package's own `type` says.
    ['package.json', '{ "type": "commonjs" }\n'],
  ])
}

/** Each entry by its names: Node finds those of a CommonJS module without running it. */
function esModuleFiles() {
  const load = createRequire(import.meta.url)
  return entries.flatMap((entry) => {
    const target = relative(join('esm', dirname(entry)), join('cjs', `${entry}.js`))
    const names = Object.keys(load(join(dist, 'cjs', `${entry}.js`)))
    return [
      [`${entry}.js`, `export {\n  ${names.join(',\n  ')},\n} from '${target}'\n`],
      [`${entry}.d.ts`, `export * from '${target}'\n`],
    ]
  })
}

/** Makes the folder hold these files and no others, and leaves alone what is as it should be. */
function writeFolder(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && !files.has(relative(folder, path))) rmSync(path)
  }
  for (const [name, text] of files) {
    const path = join(folder, name)
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
  }
}

const results = await Promise.all(['tsconfig.build.json', 'tsconfig.types.json'].map(compile))
if (results.includes(false)) exit(1)
writeFolder(join(dist, 'cjs'), commonJsFiles())
writeFolder(join(dist, 'esm'), new Map(esModuleFiles()))
