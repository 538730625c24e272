import type { Witness } from './session-history.js'
import type { Findings } from './violation.js'

/**
 * Invariant 8: a reply, whatever was asked and whether or not it succeeded, carries the label of
 * its session, and no key that was written to another one. Answers whether it does.
 */
export function isOwn({ operation, seen, writers }: Witness, findings: Findings): boolean {
  const { session } = operation
  const { label } = seen
  const writer = writers.find((one) => one !== undefined && one.session !== session)
  if (label === session && !writer) return true
  const what =
    label === session ? `it holds the key '${writer?.key ?? ''}'` : `it holds the label '${label}'`
  findings.add(8, { session, what, operations: writer ? [writer, operation] : [operation] })
  return false
}
