import { barsOf } from './bars.ts'
import { columnsOf } from './columns.ts'
import { toBound, toMeasured, toText } from './numbers.ts'
import { isMet, type CaseResult, type Machine, type Results } from './results.ts'

/** The generated part of the page: the machine, all goals at a glance, and a section for each case. */
export function toMarkdown({ measuredAt, machine, versions, cases }: Results): string {
  return joined([
    `Measured at ${minuteOf(measuredAt)}, on this machine with these versions:`,
    machineTable(machine, versions),
    '### The goals',
    goalsMet(cases),
    goalsTable(cases),
    ...cases.map(section),
  ])
}

function minuteOf(time: string): string {
  return `${time.slice(0, 'YYYY-MM-DDTHH:MM'.length).replace('T', ' ')} UTC`
}

function machineTable(machine: Machine, versions: Results['versions']): string {
  const { cpu, cores, memoryGiB, system } = machine
  const rows = [
    ['CPU', cpu],
    ['cores', toText(cores)],
    ['memory', `${toText(memoryGiB)} GiB`],
    ['system', system],
    ...Object.entries(versions),
  ]
  const cells = rows.map((row) => row.map(escaped))
  return table(['part', 'size or version'], cells, cells.length)
}

function goalsMet(cases: readonly CaseResult[]): string {
  const goals = cases.flatMap((each) => each.goals)
  const met = goals.filter(isMet).length
  return `${met} of ${goals.length} goals met.`
}

function goalsTable(cases: readonly CaseResult[]): string {
  const rows = cases.flatMap(({ title, goals }) =>
    goals.map((goal) => [
      `[${escaped(title)}](#${anchorOf(title)})`,
      escaped(goal.text),
      toBound(goal),
      toMeasured(goal),
      isMet(goal) ? 'yes' : '**no**',
    ]),
  )
  return table(['case', 'what', 'goal', 'measured', 'met'], rows, 2)
}

function section(caseResult: CaseResult): string {
  const { name, title, method } = caseResult
  const heading = escaped(title)
  const chart = barsOf(caseResult) ? [`![${heading}](charts/${name}.svg)`] : []
  return joined([`### ${heading}`, method, figuresTable(caseResult), ...chart])
}

function figuresTable(caseResult: CaseResult): string {
  const columns = columnsOf(caseResult)
  const headings = columns.map(({ heading }) => escaped(heading))
  const rows = caseResult.figures.map(({ contestant }, row) => [
    escaped(contestant),
    ...columns.map(({ values }) => numberCell(values[row])),
  ])
  return table(['contestant', ...headings], rows, 1)
}

function numberCell(value: number | undefined): string {
  return value === undefined ? '' : toText(value)
}

/** Nothing where there are no rows. The columns after the first `left` ones are aligned to the right. */
function table(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  left: number,
): string {
  if (rows.length === 0) return ''
  const rule = headings.map((_, column) => (column < left ? '---' : '---:'))
  return [headings, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

/** Plain text, so that Markdown shows it as it is; in one line. */
function escaped(text: string): string {
  return text.replaceAll(/[\\`*_<>[\]|&]/g, String.raw`\$&`).replaceAll(/\s+/g, ' ')
}

/** What GitHub makes of a heading, to link to it. */
function anchorOf(heading: string): string {
  const kept = heading.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
  return kept.replaceAll(/\s/g, '-')
}

function joined(blocks: readonly string[]): string {
  return blocks.filter((block) => block !== '').join('\n\n')
}
