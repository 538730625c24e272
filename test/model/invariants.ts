import { isDeepStrictEqual } from 'node:util'

import type { Held } from './cache-model.js'
import { stands } from './history.js'
import type { History, Minted, Promised } from './history.js'
import type { Row } from './ledger-model.js'

/** How often a write that met a conflict is tried again. */
export const MAX_RETRIES = 5

/** What a read answered. */
export interface Answer {
  readonly version: number
  readonly writeId: Row['writeId']
  readonly content: Row['content']
  /** Whether the cache was asked, and did answer. */
  readonly askedTheCache: boolean
}

/** I1 and I4: a commit mints a version that never was, not for the write that stands already, and not over a tombstone. */
export function checkMinted(history: History, minted: Row & Pick<Minted, 'mintedAt'>): void {
  const { version, content, writeId, isRevoked, mintedAt } = minted
  if (history.minted.has(version)) history.broken('I1', 'a version was minted twice')
  const isMintedAgain = [...history.minted.values()].some((each) => each.writeId === writeId)
  if (!isRevoked && isMintedAgain) history.broken('I1', 'one write minted two versions')
  history.minted.set(version, { content, writeId, isTombstone: isRevoked, mintedAt })
}

/** I4 and I5: a write neither revives a tombstone nor inserts what it had loaded. */
export function checkRevived(history: History, before: Row | undefined, base: number): void {
  if (before?.isRevoked) history.broken('I4', 'a write revived a tombstone in the ledger')
  if (!before && base > 0) history.broken('I5', 'an update inserted a row')
}

/** I6: only what has expired is swept. */
export function checkSwept(history: History, isLive: boolean): void {
  if (isLive) history.broken('I6', 'a live session was swept')
  history.forget()
}

/** I2, I3 and I4: the cache holds what was committed, moves up, and keeps its tombstones. */
export function checkHeld(history: History, before: Held, after: Held): void {
  if (before.kind === 'tombstone' && after.kind !== 'tombstone') {
    history.broken('I4', 'a tombstone in the cache was undone')
  }
  if (after.kind !== 'live') return
  const hasLost = history.lost.size > 0
  if (!hasLost && before.kind === 'live' && before.version > after.version) {
    history.broken('I3', 'the cache moved to an older version')
  }
  const commits = [history.minted.get(after.version), history.lost.get(after.version)]
  const isCommit = (each?: Minted) =>
    each?.isTombstone === false && isDeepStrictEqual(each.content, after.content)
  if (!commits.some(isCommit)) {
    history.broken('I2', 'the cache holds what was not committed under that version')
  }
}

/** I4, I6 and I7: a read sees what was promised when it began. */
export function checkRead(history: History, promised: Promised, answer: Answer | undefined): void {
  if (!answer) {
    const mayBeAbsent = history.destroyBegan || promised.floor <= history.expired
    if (!mayBeAbsent) history.broken('I6', 'a live session was read as absent')
    return
  }
  if (promised.isGone) history.broken('I4', 'a session was read after its acknowledged destroy')
  if (promised.isRefused && history.isRefused && answer.askedTheCache) {
    history.broken('I4', 'a session was read through the cache that refuses it')
  }
  if (!history.stillHolds(promised)) return
  if (answer.version < promised.floor) {
    history.broken('I7', 'a read answered with less than was acknowledged before it began')
  }
  if (history.isAnsweredWithLost(answer.version, answer.writeId, promised)) {
    history.broken('I7', 'a read answered with a lost commit instead of an acknowledged one')
  }
}

/** A write is given up only where more commits came between than it was tried again. */
export function checkGivenUp(history: History, versionAtStart: number): void {
  const others = [...history.minted.keys()].filter((version) => version > versionAtStart)
  if (others.length <= MAX_RETRIES) {
    history.broken('progress', 'a write was given up with fewer conflicts than it has retries')
  }
}

/** I6 and I7, when everything has come to rest: nothing acknowledged is lost, and a lease later nothing is stale. */
export function checkSettled(
  history: History,
  row: Row | undefined,
  answer: Answer | undefined,
): void {
  if (history.isHalfDestroyed && !answer) return
  if ((answer?.version ?? 0) !== (row?.version ?? 0)) {
    history.broken('I7', 'the cache was stale for longer than its lease')
  }
  if (!row) return
  if (answer && answer.writeId !== row.writeId) {
    history.broken('I2', 'the cache holds a lost commit for longer than its lease')
  }
  for (const { key, value } of history.changes) {
    if (!stands(row.content[key], value)) history.broken('I6', 'an acknowledged change is lost')
  }
}
