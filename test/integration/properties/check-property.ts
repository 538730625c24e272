import { jest } from '@jest/globals'
import fc from 'fast-check'

/** `PROPERTY_SEED`: another one makes other cases; a failure tells its seed and path. */
const seed = Number(process.env['PROPERTY_SEED'] ?? 20_260_801)

/** `PROPERTY_RUNS`: how many times as many cases as usual. */
const times = Number(process.env['PROPERTY_RUNS'] ?? 1)

jest.setTimeout(30_000 * Math.max(1, times))

/** How a property is checked. */
export interface PropertyOptions<Case> {
  /** How many cases there are by default; so many that the property takes less than a second. */
  readonly runs: number

  /** Cases that come first: those that once failed. */
  readonly examples?: readonly Case[]
}

/** Checks a promise for many random cases. Rejects with the smallest case that breaks it. */
export async function checkProperty<Case>(
  cases: fc.Arbitrary<Case>,
  { runs, examples = [] }: PropertyOptions<Case>,
  check: (one: Case) => Promise<void>,
): Promise<void> {
  await fc.assert(fc.asyncProperty(cases, check), {
    seed,
    numRuns: Math.ceil(runs * times) + examples.length,
    examples: examples.map((example): [Case] => [example]),
  })
}
