import type { Content } from './ledger-model.js'
import { FILL_LIFE, LEASE } from './times.js'
import type { Process } from './world.js'

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
  readonly mintedAt: number
}

/** What was promised to a read when it began. */
export interface Promised {
  readonly at: number
  readonly floor: number
  /** What was committed as the floor. */
  readonly atFloor: Minted | undefined
  readonly isGone: boolean
  readonly isRefused: boolean
}

/** What was committed and promised so far: the witness that every check asks. */
export class History {
  readonly violations: Violation[] = []
  readonly minted = new Map<number, Minted>()
  /** What a failover of the ledger lost, though a cache may remember it. */
  readonly lost = new Map<number, Minted>()
  lostAt = 0
  readonly changes: Change[] = []
  acknowledgements = 0
  readonly #floors: { readonly since: number; readonly floor: number }[] = []

  /** No read that begins now may answer with less. */
  floor = 0
  /** The highest version that was acknowledged, whether the cache was told yet or not. */
  acknowledged = 0
  /** The version at which the session ran out of time; what was committed later lives again. */
  expired = 0

  destroyBegan = false
  /** Acknowledged, and the cache was told: no read that begins now may answer with a session. */
  isGone = false
  /** How often the server forgot, or took back, what it had been told. */
  relapses = 0
  /** The ledger failed, but the cache holds the tombstone: nobody who asks it may be let in. */
  isRefused = false
  /** The ledger failed a destroy: the tombstone that stands may be forgotten, or come back with a restart. */
  isHalfDestroyed = false

  /** Whether what was promised is still what the ledger holds: neither swept nor lost since. */
  stillHolds({ floor, atFloor }: Promised): boolean {
    return this.minted.get(floor) === atFloor
  }

  /** Whether something was lost that was answered, though a read was promised what was committed since. */
  isAnsweredWithLost(version: number, writeId: string | undefined, { atFloor }: Promised): boolean {
    const isLost = this.lost.get(version)?.writeId === writeId
    return isLost && atFloor !== undefined && atFloor.mintedAt > this.lostAt
  }

  /** Remembers since when a floor is promised. */
  noteFloor(now: number): void {
    const floor = this.isGone ? Infinity : this.floor
    if (this.#floors.at(-1)?.floor !== floor) this.#floors.push({ since: now, floor })
  }

  /** What was promised at that time. */
  floorAt(time: number): number {
    return this.#floors.findLast(({ since }) => since <= time)?.floor ?? 0
  }

  broken(invariant: Invariant, what: string): void {
    this.violations.push({ invariant, what })
  }

  /** What a read of now is promised: what was acknowledged, and whatever was committed longer ago than a lease. */
  promise(now: number, { floor: ownFloor, own }: Pick<Process, 'floor' | 'own'>): Promised {
    const overdue = [...this.minted]
      .filter(([, { mintedAt }]) => mintedAt < now - LEASE - FILL_LIFE)
      .map(([version]) => version)
    const standing = own && this.minted.get(own.version)
    const isOwn = standing !== undefined && standing.writeId === own?.writeId
    const ownCommit = isOwn && !standing.isTombstone ? own!.version : 0
    const floor = Math.max(this.floor, ownFloor, ownCommit, ...overdue)
    const isGone = this.isGone || (isOwn && standing.isTombstone)
    const { isRefused } = this
    return { at: now, floor, atFloor: this.minted.get(floor), isGone, isRefused }
  }

  /** A failover of the ledger takes back what came after this version. */
  loseAfter(version: number, now: number): void {
    this.lostAt = now
    for (const [each, minted] of this.minted) {
      if (each <= version) continue
      this.lost.set(each, minted)
      this.minted.delete(each)
    }
    this.floor = Math.min(this.floor, version)
    this.acknowledged = Math.min(this.acknowledged, version)
    const { content = {} } = this.minted.get(version) ?? {}
    const standing = this.changes.filter(({ key, value }) => stands(content[key], value))
    this.changes.splice(0, this.changes.length, ...standing)
  }

  /** Forgets a session that was swept, so that its versions may begin again. */
  forget(): void {
    this.minted.clear()
    this.changes.length = 0
    this.floor = 0
    this.acknowledged = 0
  }
}

/** Later values of a key are higher; a key that was deleted is not written again. */
export function stands(found: number | undefined, acknowledged: number | undefined): boolean {
  if (acknowledged === undefined) return found === undefined
  return found !== undefined && found >= acknowledged
}
