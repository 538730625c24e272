import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { check } from 'prettier'
import { drawChart } from '../../../bench/report/charts.js'
import { writeReport } from '../../../bench/report/write-readme.js'
import { aCase, aRun } from '../../support/bench-results.js'

const PAGE = '# Before\n\n<!-- results -->\n\nlast year\n\n<!-- /results -->\n\nAfter\n'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-report-'))
  await writeFile(join(folder, 'README.md'), PAGE)
})

afterEach(() => rm(folder, { recursive: true }))

describe('writeReport', () => {
  it('replaces what stands between the markers, and nothing else', async () => {
    await writeReport(aRun(), folder)
    const page = await read('README.md')
    expect(page).toMatch(/^# Before\n\n<!-- results -->\n\nMeasured at /)
    expect(page).toMatch(/\n\n!\[.*\]\(charts\/read-redis.svg\)\n\n<!-- \/results -->\n\nAfter\n$/)
    expect(page).not.toContain('last year')
  })

  it('writes what Prettier has nothing to say of', async () => {
    await writeReport(aRun([aCase({ title: 'A <b> | *c* & _d_' })]), folder)
    expect(await check(await read('README.md'), { parser: 'markdown' })).toBe(true)
  })

  it('changes nothing when it is run again', async () => {
    await writeReport(aRun(), folder)
    const first = await read('README.md')
    await writeReport(aRun(), folder)
    expect(await read('README.md')).toBe(first)
  })

  it('writes the charts, and removes those of cases that are no more', async () => {
    await mkdir(join(folder, 'charts'))
    for (const name of ['old.svg', 'notes.txt']) await writeFile(join(folder, 'charts', name), '')
    const compared = aCase({ name: 'compared' })
    await writeReport(aRun([compared, aCase({ name: 'lone', figures: [] })]), folder)

    expect((await readdir(join(folder, 'charts'))).sort()).toEqual(['compared.svg', 'notes.txt'])
    expect(await read('charts/compared.svg')).toBe(drawChart(compared))
  })

  it.each([
    ['no marker', '# Page\n'],
    ['no end', '<!-- results -->\n'],
    ['its end first', '<!-- /results -->\n<!-- results -->\n'],
  ])('refuses a page that has %s, and leaves it as it is', async (_, page) => {
    await writeFile(join(folder, 'README.md'), page)
    await expect(writeReport(aRun(), folder)).rejects.toThrow(
      /README\.md has no place for the results/,
    )
    expect(await read('README.md')).toBe(page)
    expect(await readdir(folder)).toEqual(['README.md'])
  })
})

function read(path: string): Promise<string> {
  return readFile(join(folder, path), 'utf8')
}
