import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import { installPackage } from '../types/install-package.js'
import { best, TIME_TO_MEASURE } from './measure.js'

jest.setTimeout(TIME_TO_MEASURE)

/** What the store may cost above express-session itself, which each program loads in any case, ms. */
const MOST = 40

const RUNS = 9

describe('to import holdfast/express', () => {
  let project = ''

  beforeAll(async () => {
    if (!existsSync(join(__dirname, '../../dist'))) throw new Error('Build it first: npm run build')
    project = await mkdtemp(join(tmpdir(), 'holdfast-import-'))
    await installPackage(project, ['express-session'])
  })
  afterAll(() => rm(project, { recursive: true, force: true }))

  /** How long a new process takes to import it, ms. */
  async function timed(name: string): Promise<number> {
    const program = `
      const start = performance.now()
      await import('${name}')
      console.log(performance.now() - start)`
    const args = ['--input-type=module', '-e', program]
    const { stdout } = await promisify(execFile)(process.execPath, args, {
      cwd: project,
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    return Number(stdout)
  }

  /** The difference of both medians. */
  async function measure(): Promise<number> {
    const [ours, theirs]: [number[], number[]] = [[], []]
    for (let run = 0; run < RUNS; run++) {
      ours.push(await timed('holdfast/express'))
      theirs.push(await timed('express-session'))
    }
    return median(ours) - median(theirs)
  }

  it(`takes no more than ${MOST} ms above express-session`, async () => {
    expect(await best(measure, (above) => above <= MOST)).toBeLessThanOrEqual(MOST)
  })
})

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}
