import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import type { Results } from '../../bench/report/results.js'
import { writeReport } from '../../bench/report/write-readme.js'

const bench = join(__dirname, '../../bench')

let drawn: string

beforeAll(async () => {
  drawn = await mkdtemp(join(tmpdir(), 'holdfast-benchmarks-'))
  await cp(join(bench, 'README.md'), join(drawn, 'README.md'))
  const results = await readFile(join(bench, 'results.json'), 'utf8')
  await writeReport(JSON.parse(results) as Results, drawn)
})

afterAll(() => rm(drawn, { recursive: true }))

it('the page of the benchmarks says what their results say', async () => {
  const page = await readFile(join(bench, 'README.md'), 'utf8')
  expect(page).toBe(await readFile(join(drawn, 'README.md'), 'utf8'))
})

it('the charts of the benchmarks show what their results say', async () => {
  expect(await chartsIn(bench)).toEqual(await chartsIn(drawn))
})

async function chartsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const charts = new Map<string, string>()
  for (const name of (await readdir(join(folder, 'charts'))).sort()) {
    charts.set(name, await readFile(join(folder, 'charts', name), 'utf8'))
  }
  return charts
}
