import { randomUUID } from 'node:crypto'

/**
 * A new identity for a write, a UUID.
 *
 * Node's own is a chain of twenty pieces in memory, ten times its size, for as long as the session
 * is remembered that was written; this one is whole.
 */
export function newWriteId(): string {
  return Buffer.from(randomUUID(), 'latin1').toString('latin1')
}
