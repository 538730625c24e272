import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import process, { argv, execPath } from 'node:process'
import { build } from 'esbuild'

/*
 * Measures Holdfast beside its peers: `npm run bench`; bench/README.md says what can follow. The benchmarks run against
 * the library as it is published, compiled.
 */

const root = join(import.meta.dirname, '..')

function run(script, ...args) {
  const { status } = spawnSync(execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

run('scripts/prisma-generate.mjs', '--schema', 'bench/prisma/schema.prisma')
run('scripts/build.mjs')
await build({
  absWorkingDir: root,
  entryPoints: [
    'bench/main.ts',
    'bench/contest/worker.ts',
    'bench/programs/memory.ts',
    'bench/programs/sweep.ts',
  ],
  entryNames: '[name]',
  outdir: 'bench/dist',
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: true,
  // Without the paths that make the compiler look into src.
  tsconfigRaw: '{}',
  logLevel: 'warning',
})
run('bench/dist/main.js', ...argv.slice(2))
