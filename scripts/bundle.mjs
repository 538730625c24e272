import { readFileSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { transform } from 'esbuild'
import { format } from 'prettier'
import { rollup } from 'rollup'
import dts from 'rollup-plugin-dts'
import ts from 'typescript'

/*
 * What the package consists of: CommonJS, a file for each entry and each layer, without comments; an ES module for each
 * entry, which re-exports its names, so that a program never has two copies; and the declarations of all that is public.
 */

const root = join(import.meta.dirname, '..')
const style = JSON.parse(readFileSync(join(root, '.prettierrc.json'), 'utf8'))

/** What package.json exports, and where it is in src. */
const entries = {
  index: 'index',
  express: 'doors/express/index',
  testing: 'testing/index',
  tokens: 'doors/tokens/index',
  users: 'doors/users/index',
}

/** What several entries share. Stack traces name these files, so an entry that is added must not move them. */
const layers = ['core', 'drivers', 'engine', 'ledgers', 'caches', 'open-sessions']

/**
 * What an entry for ES modules does besides: of tRPC they have a copy of their own. Bundlers let an import fail whose
 * failure is handled.
 */
const beside = {
  users: `const missing = (cause) => { throw new TypeError('This needs tRPC: npm install @trpc/server', { cause }) }
    globalThis[Symbol.for('holdfast.load-trpc')] ??= () => import('@trpc/server').catch(missing)`,
}

/** The code of each file. */
export async function bundleCode() {
  const bundle = await rollup({
    ...inputFrom(join(root, 'src'), '.ts'),
    treeshake: { moduleSideEffects: false },
    plugins: [typescript, formatted('acorn')],
  })
  const { output } = await bundle.generate({
    ...outputOf(join(root, 'src'), '.cjs'),
    format: 'cjs',
    interop: 'default',
    esModule: true,
    generatedCode: { constBindings: true },
  })
  const files = new Map(output.map(({ fileName, code }) => [fileName, code]))
  for (const { name, fileName, exports } of output.filter(({ isEntry }) => isEntry)) {
    const text = `export { ${exports} } from './${fileName}'\n${beside[name] ?? ''}`
    files.set(`${name}.js`, await pretty(text, 'acorn'))
    files.set(`${name}.d.ts`, `export * from './${fileName}'\n`)
  }
  return files
}

/** The declarations of each file, from those of each source, which lie in this folder. */
export async function bundleTypes(folder) {
  const bundle = await rollup({
    ...inputFrom(folder, '.d.ts'),
    plugins: [declarations, formatted('typescript')],
  })
  const { output } = await bundle.generate(outputOf(folder, '.d.cts'))
  return new Map(output.map(({ fileName, code }) => [fileName, code]))
}

function inputFrom(folder, suffix) {
  const paths = Object.entries(entries).map(([name, path]) => [name, join(folder, path + suffix)])
  const external = (id) => !id.startsWith('.') && !isAbsolute(id)
  return { input: Object.fromEntries(paths), external }
}

function outputOf(folder, suffix) {
  const layerOf = (id) => relative(folder, id).split(/[/\\.]/)[0]
  return {
    entryFileNames: `[name]${suffix}`,
    chunkFileNames: `[name]${suffix}`,
    manualChunks: (id) => layers.find((layer) => layer === layerOf(id)),
    hoistTransitiveImports: false,
    minifyInternalExports: false,
  }
}

/** Compiles each source by itself. */
const typescript = {
  name: 'typescript',
  resolveId: (id, importer) =>
    id.startsWith('.') ? join(dirname(importer), id.replace(/js$/, 'ts')) : undefined,
  transform: (code) => {
    const { ES2023: target } = ts.ScriptTarget
    const { ESNext: module } = ts.ModuleKind
    const compilerOptions = { target, module, verbatimModuleSyntax: true, removeComments: true }
    return { code: ts.transpileModule(code, { compilerOptions }).outputText, map: null }
  },
  // Where Jest runs CommonJS there is no `import()`, and bundlers let a `require` in a `try` fail.
  renderDynamicImport: () => ({ left: 'require(', right: ')' }),
}

/** Without its last step, which has an entry import from whichever other entry has the same names. */
const declarations = { ...dts(), generateBundle: undefined }

/** As the sources are. */
const pretty = (code, parser) => format(code, { ...style, parser })

/**
 * Without the room that only readers need, names and lines kept: a stack trace says where. The contracts, a third of all
 * that is published, are nobody's hot path, and go without the names of their own as well.
 */
async function dense(code, name) {
  const isContracts = name === 'testing'
  const options = { minifySyntax: isContracts, minifyIdentifiers: isContracts, lineLimit: 100 }
  const { code: lines } = await transform(code, { ...options, minifyWhitespace: true })
  return lines.replace(BROKEN_TEXT, '$1')
}

/** A text that goes on in the next line; a backslash before it may be one that stands for itself. */
const BROKEN_TEXT = /(?<!\\)((?:\\\\)*)\\\n/g

const formatted = (parser) => ({
  name: 'formatted',
  renderChunk: async (code, { name }) => ({
    code: await (parser === 'acorn' ? dense(code, name) : pretty(code, parser)),
    map: null,
  }),
})
