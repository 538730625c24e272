import { execFile } from 'node:child_process'
import { mkdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const root = join(__dirname, '../..')

/** What npm says of a tarball. */
export interface Packed {
  readonly filename: string
  readonly files: readonly { readonly path: string; readonly size: number }[]
  /** In bytes, as it lies in a user's project. */
  readonly unpackedSize: number
}

/**
 * Packs what is built, and lays it where a user's project has it: alone, but for the packages that it depends on and
 * those named.
 */
export async function installPackage(
  project: string,
  packages: readonly string[],
): Promise<Packed> {
  const options = ['--ignore-scripts', '--json', '--pack-destination', project]
  const { stdout } = await run('npm', ['pack', ...options], { cwd: root })
  const [packed] = JSON.parse(stdout) as [Packed]
  const target = join(project, 'node_modules/holdfast')
  await mkdir(target, { recursive: true })
  await run('tar', ['-xzf', join(project, packed.filename), '-C', target, '--strip-components=1'])
  const manifest = await readFile(join(target, 'package.json'), 'utf8')
  const { dependencies = {} } = JSON.parse(manifest) as { dependencies?: Record<string, string> }
  for (const name of [...Object.keys(dependencies), ...packages]) {
    const path = join(project, 'node_modules', name)
    await mkdir(dirname(path), { recursive: true })
    await symlink(join(root, 'node_modules', name), path)
  }
  return packed
}
