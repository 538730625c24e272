import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { SeenSession } from './operation.js'

/** What is in a session of the chaos suite. */
export interface ChaosContent {
  readonly label: string
  readonly userId?: string

  /** One for each write, under a key of its own: merged, none is lost. */
  readonly keys: Readonly<Record<string, true>>
}

/** A committed version, and what its reader was given of it. */
export interface Shown {
  readonly version: number
  readonly raw: string

  /** Left out where nobody was given any. */
  readonly content?: unknown
}

const MOST_TOLD = 100

/**
 * A committed version as the history has it. What is no session of the suite, or is not what was committed, has a label
 * that no session has: it is never an error, which could pass for a failure.
 */
export function seenOf(shown: Shown, tier?: string): SeenSession {
  const { version, raw } = shown
  const own = ownContent(shown)
  const hash = createHash('sha256').update(raw).digest('base64url')
  const label = own?.label ?? `no session of the suite: ${told(shown)}`
  const seen = { version, hash, label, keys: Object.keys(own?.keys ?? {}) }
  return tier === undefined ? seen : { ...seen, tier }
}

function ownContent({ raw, content }: Shown): ChaosContent | undefined {
  const committed = parse(raw)
  if (content !== undefined && !isDeepStrictEqual(content, committed)) return undefined
  return isOwn(committed) ? committed : undefined
}

function isOwn(value: unknown): value is ChaosContent {
  if (!isFields(value)) return false
  const { label, userId = '', keys, ...others } = value
  const areTexts = typeof label === 'string' && label !== '' && typeof userId === 'string'
  const areKeys = isFields(keys) && Object.values(keys).every((one) => one === true)
  return areTexts && areKeys && Object.keys(others).length === 0
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function told({ raw, content }: Shown): string {
  return (content === undefined ? raw : JSON.stringify(content)).slice(0, MOST_TOLD)
}
