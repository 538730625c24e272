const { readFile } = require('node:fs/promises')
const { clearTimeout, setTimeout } = require('node:timers')

/*
 * CommonJS in itself, because the engine is an ES module: where Jest compiled TypeScript, `import()` is a `require`.
 */

const timers = new Set()
let loading

/** Instantiated once: a second instance would take the first one's memory away. */
exports.loadSchemaEngine = () => (loading ??= instantiate())

/** The engine never clears the deadline of its lock, which would keep the process for ten seconds. */
exports.clearTimers = () => {
  timers.forEach((timer) => clearTimeout(timer))
  timers.clear()
}

async function instantiate() {
  const bindings = await import('@prisma/schema-engine-wasm/schema_engine_bg')
  const path = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const code = await readFile(path.replace(/\.js$/, '.wasm'))
  const imports = { ...bindings, ...timersFor(bindings) }
  const { instance } = await globalThis.WebAssembly.instantiate(code, {
    './schema_engine_bg.js': imports,
  })
  bindings.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return bindings.SchemaEngine
}

/** The names of bindings end in a hash. */
function timersFor(bindings) {
  const names = Object.keys(bindings).filter((name) => name.startsWith('__wbg_setTimeout_'))
  return Object.fromEntries(names.map((name) => [name, startTimer]))
}

function startTimer(callback, delay) {
  const timer = setTimeout(callback, delay)
  timers.add(timer)
  return timer
}
