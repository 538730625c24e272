import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { drawChart } from './charts.ts'
import { toMarkdown } from './markdown.ts'
import type { Results } from './results.ts'

const BEGIN = '<!-- results -->'
const END = '<!-- /results -->'

/**
 * Writes the results into the folder's README.md, between its two markers, and a chart for each case that has one
 * into `charts/`. Charts of cases that are no more are removed.
 *
 * @throws Error where README.md lacks a marker; nothing is written then.
 */
export async function writeReport(results: Results, folder: string): Promise<void> {
  await writeReadme(join(folder, 'README.md'), toMarkdown(results))
  await writeCharts(join(folder, 'charts'), results)
}

async function writeReadme(path: string, generated: string): Promise<void> {
  const page = placed(await readFile(path, 'utf8'), generated, path)
  const style = await resolveConfig(path)
  await writeFile(path, await format(page, { ...style, parser: 'markdown' }))
}

function placed(page: string, generated: string, path: string): string {
  const begin = page.indexOf(BEGIN)
  const end = page.indexOf(END, begin)
  if (begin === -1 || end === -1) {
    throw new Error(`${path} has no place for the results: it needs a line ${BEGIN}, then ${END}`)
  }
  return `${page.slice(0, begin)}${BEGIN}\n\n${generated}\n\n${page.slice(end)}`
}

async function writeCharts(folder: string, { cases }: Results): Promise<void> {
  const drawn = new Map(cases.map((each) => [`${each.name}.svg`, drawChart(each)]))
  await mkdir(folder, { recursive: true })
  const present = await readdir(folder)
  const stale = present.filter((name) => name.endsWith('.svg') && drawn.get(name) === undefined)
  await Promise.all(stale.map((name) => rm(join(folder, name))))
  for (const [name, svg] of drawn) if (svg !== undefined) await writeFile(join(folder, name), svg)
}
