import { isMet, type GoalOutcome } from './results.ts'

const SIGNIFICANT_DIGITS = 3

// As many as tell any two numbers apart.
const ALL_DIGITS = 17

/** A measured number as people read it: `12,300`, `1.35`, `0.0457`. Three significant digits, unless told. */
export function toText(value: number, digits = SIGNIFICANT_DIGITS): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: digits }).format(value)
}

/** What a goal's measurement gave, with its unit. Never rounded over the bound: 1.2996 that misses 1.3 is no `1.3 ×`. */
export function toMeasured(goal: GoalOutcome): string {
  let digits = SIGNIFICANT_DIGITS
  while (digits < ALL_DIGITS && isMet(rounded(goal, digits)) !== isMet(goal)) digits += 1
  return `${toText(goal.value, digits)} ${goal.unit}`
}

/** What a goal asks for: `≥ 1.3 ×`. Both bounds where it has two. */
export function toBound({ atLeast, atMost, unit }: GoalOutcome): string {
  const bounds = [boundText('≥', atLeast, unit), boundText('≤', atMost, unit)]
  return bounds.filter((text) => text !== undefined).join(' and ')
}

function rounded(goal: GoalOutcome, digits: number): GoalOutcome {
  return { ...goal, value: Number(goal.value.toPrecision(digits)) }
}

function boundText(sign: string, bound: number | undefined, unit: string): string | undefined {
  if (bound === undefined) return undefined
  return `${sign} ${toText(bound, Number.isInteger(bound) ? ALL_DIGITS : SIGNIFICANT_DIGITS)} ${unit}`
}
