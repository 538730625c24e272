import type { Case } from './case.ts'
import { growth } from './growth.ts'
import { http } from './http.ts'
import { importing } from './importing.ts'
import { memory } from './memory.ts'
import { reads } from './reads.ts'
import { sweep } from './sweep.ts'
import { tokens } from './tokens.ts'
import { touches } from './touches.ts'
import { writes } from './writes.ts'

/** All cases, in the order of the table. */
export const cases: readonly Case[] = [
  ...reads,
  ...writes,
  touches,
  tokens,
  ...http,
  sweep,
  growth,
  memory,
  importing,
]
