import type { ContestantName } from '../contestants/index.ts'
import type { Round, RoundSettings } from './closed-loop.ts'
import type { Place } from './contender.ts'

/** What a contestant's process is started with. */
export interface Entry {
  readonly contestant: ContestantName
  readonly place: Place

  /** Whether it is a web server, to be asked by HTTP, instead of playing rounds itself. */
  readonly isServer: boolean
}

/** What it is asked. */
export type Question =
  | { readonly play: RoundSettings }
  | { readonly measureCpu: true }
  | 'beginProfile'
  | { readonly endProfile: string }
  | 'close'

/** What it answers, in the order of the questions; `ready` comes first, unasked. */
export type Answer =
  | { readonly ready: { readonly url: string | undefined } }
  | { readonly round: Round }
  | { readonly cpuMicros: number }
  | { readonly isProfiling: boolean }
  | { readonly failed: string }
