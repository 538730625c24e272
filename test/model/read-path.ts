import type { Reservation } from './cache-link.js'
import type { CachedRecord, Held, Live } from './cache-model.js'
import { checkRead } from './invariants.js'
import { checkCopy } from './near-invariant.js'
import type { Answer } from './invariants.js'
import { LedgerDown } from './ledger-model.js'
import type { Row } from './ledger-model.js'
import type { Steps } from './schedule.js'
import { FILL_LIFE } from './times.js'
import type { Process } from './world.js'

/** Reads the session, and has the answer checked against what was promised when the read began. */
export function* read(process: Process): Steps<Answer | undefined> {
  const { history } = process.world
  const promised = history.promise(process.world.now, process)
  const { near } = process
  const copy = near?.read()
  if (near && copy) {
    checkCopy(process.world, near, { copy, askedAt: promised.at })
    yield 'answers from its copy'
    return copy
  }
  const ticket = near?.take()
  const answer = yield* look(process)
  checkRead(history, promised, answer)
  if (near && ticket && answer) near.keep(answer, ticket)
  return answer
}

/** What a cache may remember of a row: nothing, unless it is live. */
export function toRecord(process: Process, row: Row | undefined): CachedRecord | undefined {
  if (!row || !process.world.ledger.isLive(row)) return undefined
  const { version, writeId, content, expiresAt } = row
  return { version, writeId, content, expiresAt }
}

function* look(process: Process): Steps<Answer | undefined> {
  yield 'reads the cache'
  const wasDoubted = isDoubted(process)
  const held = process.link.ask((cache) => cache.read())
  if (!held) return toAnswer(yield* readLedger(process), false)
  yield 'has the reply of the cache'
  const isBelieved = held.kind === 'tombstone' || !(wasDoubted || isDoubted(process))
  if (!isBelieved) return toAnswer(yield* readLedger(process), true)
  if (held.kind === 'absent') return yield* fill(process)
  if (held.kind !== 'live') return yield* answer(process, held)
  switch (process.link.judge(held)) {
    case 'sound':
      return toAnswer(held, true)
    case 'due':
      return yield* confirm(process, held)
    case 'doubtful':
      return yield* replaceDoubtful(process, held)
  }
}

/** A record in doubt is as good as none; without the ledger the read is refused (rule 9). */
function* replaceDoubtful(process: Process, held: Live): Steps<Answer | undefined> {
  try {
    return yield* fill(process)
  } catch (error) {
    const isServed = !process.world.guards.refusesTheDoubtful
    if (error instanceof LedgerDown && isServed) return toAnswer(held, true)
    throw error
  }
}

/** What was found is the answer if it can be; else the ledger is asked, and nothing is put. */
function* answer(process: Process, held: Held | undefined): Steps<Answer | undefined> {
  if (held?.kind === 'tombstone') return undefined
  const isSound = held?.kind === 'live' && process.link.judge(held) === 'sound'
  if (isSound && !isDoubted(process)) return toAnswer(held, true)
  return toAnswer(yield* readLedger(process), held !== undefined)
}

/** Places a token before it reads the ledger, and puts only if the token is still there (rule 3). */
function* fill(process: Process): Steps<Answer | undefined> {
  const { link, world } = process
  yield 'reserves the fill'
  const reserved = link.reserve(world.nextNumber())
  if (!reserved) return toAnswer(yield* readLedger(process), true)
  yield 'has the reply to its reservation'
  if (reserved.found.kind !== 'absent') return yield* answer(process, reserved.found)
  return toAnswer(yield* fillFromLedger(process, reserved.reservation), true)
}

function* fillFromLedger(process: Process, mode: Reservation): Steps<CachedRecord | undefined> {
  const record = yield* readLedger(process)
  if (record) {
    yield 'fills the cache'
    process.link.put({ record, mode })
  }
  return record
}

/**
 * Checks a record past its lease against the ledger; where that is down, it is served (rule 10). What the ledger said is
 * not news for longer than a fill may take.
 */
function* confirm(process: Process, held: Live): Steps<Answer | undefined> {
  const { link, world } = process
  const readAt = world.now
  try {
    const record = yield* readLedger(process)
    yield 'confirms the record'
    const isNews = world.now - readAt <= FILL_LIFE || !world.guards.confirmIsInTime
    if (isNews) link.confirm({ seen: held, record })
    return toAnswer(record, true)
  } catch (error) {
    if (error instanceof LedgerDown && link.judge(held) !== 'doubtful') return toAnswer(held, true)
    throw error
  }
}

/** Whether what is held may be from before what this process could not tell the cache. */
function isDoubted({ untold }: Process): boolean {
  return untold > 0
}

function* readLedger(process: Process): Steps<CachedRecord | undefined> {
  yield 'reads the ledger'
  return toRecord(process, process.world.ledger.read())
}

function toAnswer(record: CachedRecord | undefined, askedTheCache: boolean): Answer | undefined {
  if (!record) return undefined
  const { version, content, writeId } = record
  return { version, content, writeId, askedTheCache }
}
