import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runCase } from './cases/case.ts'
import { cases } from './cases/index.ts'
import { describeMachine, versionsOf } from './machine.ts'
import { Profiles } from './profile/profiles.ts'
import { isMet, type CaseResult, type Results } from './report/results.ts'
import { toTextTable } from './report/text-table.ts'
import { writeReport } from './report/write-readme.ts'
import { Bench } from './servers.ts'

/* `npm run bench`; README.md says what can follow. */

const FOLDER = join(import.meta.dirname, '..')
const RESULTS = join(FOLDER, 'results.json')
const FOLDERS = { profiles: join(import.meta.dirname, 'profiles'), flames: join(FOLDER, 'flames') }

const { positionals: named, values } = parseArgs({
  allowPositionals: true,
  options: {
    check: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
    redraw: { type: 'boolean', default: false },
    rows: { type: 'string', default: '1000000' },
  },
})

async function measure(): Promise<readonly CaseResult[]> {
  const chosen = cases.filter(({ name }) => isNamed(name))
  if (chosen.length === 0) throw new Error(`No case begins so; there are: ${namesOf(cases)}`)
  const rows = Number(values.rows)
  if (!Number.isInteger(rows) || rows < 100_000) throw new Error('--rows must be 100000 or more')
  const bench = await Bench.open({ rows })
  try {
    const results: CaseResult[] = []
    for (const [index, each] of chosen.entries()) {
      console.log(`\n${index + 1} of ${chosen.length}: ${each.name}`)
      await bench.redis.restart()
      const profiles = values.profile ? new Profiles(FOLDERS, each) : undefined
      const result = await runCase(each, bench, profiles)
      console.log(toTextTable(result))
      results.push(result)
      for (const flames of (await profiles?.draw()) ?? []) console.log(`  drawn: ${flames}`)
    }
    return results
  } finally {
    await bench.close()
  }
}

function isNamed(name: string): boolean {
  return named.length === 0 || named.some((beginning) => name.startsWith(beginning))
}

function namesOf(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(', ')
}

/** A run of some cases only is no page, nor one that was slowed by profiling: it is kept beside the compiled programs. */
async function keep(results: Results): Promise<void> {
  const text = `${JSON.stringify(results, null, 2)}\n`
  if (named.length > 0 || values.profile)
    return writeFile(join(import.meta.dirname, 'results.json'), text)
  await writeFile(RESULTS, text)
  await writeReport(results, FOLDER)
}

function check(measured: readonly CaseResult[]): void {
  const goals = measured.flatMap(({ goals }) => goals)
  const missed = goals.filter((goal) => !isMet(goal))
  console.log(`\n${goals.length - missed.length} of ${goals.length} goals are met`)
  if (values.check && missed.length > 0) process.exitCode = 1
}

if (values.redraw) {
  await writeReport(JSON.parse(await readFile(RESULTS, 'utf8')) as Results, FOLDER)
} else {
  const measured = await measure()
  const measuredAt = new Date().toISOString()
  const about = { measuredAt, machine: describeMachine(), versions: await versionsOf() }
  await keep({ ...about, cases: measured })
  check(measured)
}
