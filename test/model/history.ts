import type { Content } from './ledger-model.js'

/** The invariants of the protocol that one session can break; `progress`: a write that could have gone through was refused. */
export type Invariant = 'I1' | 'I2' | 'I3' | 'I4' | 'I5' | 'I6' | 'I7' | 'progress'

/** One broken promise. */
export interface Violation {
  readonly invariant: Invariant
  readonly what: string
}

/** A change of one top-level key; `undefined` deletes it. */
export interface Change {
  readonly key: string
  readonly value: number | undefined
}

/** What the ledger committed under one version. */
export interface Minted {
  readonly content: Content
  readonly writeId: string | undefined
  readonly isTombstone: boolean
}

/** What was committed and promised so far: the witness that every check asks. */
export class History {
  readonly violations: Violation[] = []
  readonly minted = new Map<number, Minted>()
  readonly changes: Change[] = []
  acknowledgements = 0

  /** No read that begins now may answer with less. */
  floor = 0
  /** The highest version that was acknowledged, whether the cache was told yet or not. */
  acknowledged = 0
  /** The version at which the session ran out of time; what was committed later lives again. */
  expired = 0

  destroyBegan = false
  /** Acknowledged, and the cache was told: no read that begins now may answer with a session. */
  isGone = false
  /** The ledger failed, but the cache holds the tombstone: nobody who asks it may be let in. */
  isRefused = false

  broken(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what })
  }

  /** Forgets a session that was swept, so that its versions may begin again. */
  forget(): void {
    this.minted.clear()
    this.changes.length = 0
    this.floor = 0
    this.acknowledged = 0
  }
}
