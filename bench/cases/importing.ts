import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { median } from '../contest/quantile.ts'
import type { Case } from './case.ts'

const run = promisify(execFile)

const TIMES = 15

/** How long a program waits for its imports; and how large the package is. */
export const importing: Case = {
  name: 'import',
  title: 'Import, and the package',
  method:
    'A new process imports express-session, and then Holdfast, fifteen times each in turn; what is told is how long the import took in the process. The package is what `npm pack` would publish, unpacked.',
  async measure() {
    const times = { 'express-session': [] as number[], 'holdfast/express': [] as number[] }
    for (let time = 0; time < TIMES; time++) {
      times['express-session'].push(await timeToImport('express-session'))
      times['holdfast/express'].push(await timeToImport('holdfast/express'))
    }
    const [peer, ours] = [median(times['express-session']), median(times['holdfast/express'])]
    const kilobytes = (await unpackedSize()) / 1000
    return {
      figures: [
        { contestant: 'Holdfast', more: { 'import, ms': ours, 'unpacked, KB': kilobytes } },
        { contestant: 'express-session', more: { 'import, ms': peer } },
      ],
      goals: [
        { text: 'import over that of express-session', value: ours - peer, unit: 'ms', atMost: 40 },
        { text: 'unpacked package', value: kilobytes, unit: 'KB', atMost: 400 },
      ],
    }
  },
}

async function timeToImport(name: string): Promise<number> {
  const program = `const start = performance.now(); await import(${JSON.stringify(name)}); console.log(performance.now() - start)`
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', program])
  return Number(stdout)
}

async function unpackedSize(): Promise<number> {
  const { stdout } = await run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'])
  const [packed] = JSON.parse(stdout) as readonly { readonly unpackedSize: number }[]
  if (!packed) throw new Error('npm packed nothing')
  return packed.unpackedSize
}
