import { InvalidOptionError } from './errors.js'

/**
 * A length of time: milliseconds, or a number with a unit (`'500ms'`, `'30s'`, `'15m'`, `'12h'`,
 * `'7d'`, `'2w'`).
 */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd' | 'w'}`

const UNIT: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/**
 * The duration in milliseconds, rounded to a whole one, or `undefined` where the value is none.
 * Zero counts; negatives do not.
 */
export function toMilliseconds(value: unknown): number | undefined {
  const ms = typeof value === 'string' ? parse(value) : value
  if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0) return undefined
  return Math.round(ms)
}

function parse(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)(ms|[smhdw])$/.exec(text)
  if (!match) return undefined
  return Number(match[1]) * (UNIT[match[2] ?? ''] ?? NaN)
}

/** @throws {@link InvalidOptionError} where a lifetime is no number of milliseconds; any that is will do. */
export function checkTtl(ttl: number): void {
  if (Number.isFinite(ttl)) return
  throw new InvalidOptionError('ttl', 'must be a finite number of milliseconds')
}
