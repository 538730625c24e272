import { columnsOf, type Column } from './columns.ts'
import { toBound, toMeasured, toText } from './numbers.ts'
import { isMet, type CaseResult, type GoalOutcome } from './results.ts'

/** What the terminal shows of one case: its title, a table of its contestants, and a line for each goal. */
export function toTextTable(caseResult: CaseResult): string {
  const { name, title, goals } = caseResult
  const lines = [...tableOf(caseResult), ...goals.map(goalLine)]
  return [`${name}: ${title}`, ...lines.map((line) => `  ${line}`)].join('\n')
}

function tableOf(caseResult: CaseResult): readonly string[] {
  const contestants = caseResult.figures.map(({ contestant }) => contestant)
  const names = paddedColumn(['contestant', ...contestants], 'padEnd')
  const numbers = columnsOf(caseResult).map((column) => paddedColumn(cellsOf(column), 'padStart'))
  if (numbers.length === 0) return []
  return names.map((name, row) => [name, ...numbers.map((cells) => cells[row])].join('  '))
}

function cellsOf({ heading, values }: Column): readonly string[] {
  return [heading, ...values.map((value) => (value === undefined ? '-' : toText(value)))]
}

function paddedColumn(cells: readonly string[], pad: 'padStart' | 'padEnd'): readonly string[] {
  const width = Math.max(...cells.map(({ length }) => length))
  return cells.map((cell) => cell[pad](width))
}

function goalLine(goal: GoalOutcome): string {
  const verdict = (isMet(goal) ? 'ok' : 'MISSED').padEnd('MISSED'.length)
  return `${verdict}  ${goal.text}: ${toMeasured(goal)} (${toBound(goal)})`
}
