import type { Guards } from './guards.js'
import type { Invariant } from './history.js'
import type { scenarios } from './scenarios.js'

/** Guards taken away, the scenario that finds it out, and the invariant that breaks. */
export interface Mutation {
  readonly name: string
  readonly without: readonly (keyof Guards)[]
  readonly foundBy: keyof typeof scenarios
  readonly breaks: Invariant
}
