import type { CachedRecord, Live } from './cache-model.js'
import { checkRead } from './invariants.js'
import type { Answer } from './invariants.js'
import { LedgerDown } from './ledger-model.js'
import type { Row } from './ledger-model.js'
import type { Steps } from './schedule.js'
import type { Process } from './world.js'

/** Reads the session, and has the answer checked against what was promised when the read began. */
export function* read(process: Process): Steps<Answer | undefined> {
  const { history } = process.world
  const promised = {
    floor: Math.max(history.floor, process.floor),
    isGone: history.isGone,
    isRefused: history.isRefused,
  }
  const answer = yield* look(process)
  checkRead(history, promised, answer)
  return answer
}

/** What a cache may remember of a row: nothing, unless it is live. */
export function toRecord(process: Process, row: Row | undefined): CachedRecord | undefined {
  if (!row || !process.world.ledger.isLive(row)) return undefined
  const { version, content, expiresAt } = row
  return { version, content, expiresAt }
}

function* look(process: Process): Steps<Answer | undefined> {
  yield 'reads the cache'
  const held = process.link.ask((cache) => cache.read())
  if (!held) return toAnswer(yield* readLedger(process), false)
  switch (held.kind) {
    case 'absent':
      return yield* fill(process)
    case 'live':
      return yield* serve(process, held)
    case 'tombstone':
      return undefined
    case 'filling':
      return toAnswer(yield* readLedger(process), true)
  }
}

/** Places a token before it reads the ledger, and puts only if the token is still there (rule 3). */
function* fill(process: Process): Steps<Answer | undefined> {
  const { link, world } = process
  yield 'reserves the fill'
  const token = world.nextNumber()
  const found = link.ask((cache) => cache.reserve(token))
  const learnedIn = link.connection
  if (found?.kind === 'tombstone') return undefined
  const record = yield* readLedger(process)
  if (record && found?.kind === 'absent') {
    yield 'fills the cache'
    link.put({ record, mode: { fill: token }, learnedIn })
  }
  return toAnswer(record, true)
}

function* serve(process: Process, held: Live): Steps<Answer | undefined> {
  if (process.link.trusts(held) && process.link.isWithinLease(held)) return toAnswer(held, true)
  return yield* confirm(process, held)
}

/** Checks a record against the ledger; where that is down, a trusted one is served past its lease (rules 9 and 10). */
function* confirm(process: Process, held: Live): Steps<Answer | undefined> {
  const { link } = process
  const learnedIn = link.connection
  try {
    const record = yield* readLedger(process)
    yield 'confirms the record'
    link.confirm({ seen: held, record, learnedIn })
    return toAnswer(record, true)
  } catch (error) {
    if (error instanceof LedgerDown && link.trusts(held)) return toAnswer(held, true)
    throw error
  }
}

function* readLedger(process: Process): Steps<CachedRecord | undefined> {
  yield 'reads the ledger'
  return toRecord(process, process.world.ledger.read())
}

function toAnswer(record: CachedRecord | undefined, askedTheCache: boolean): Answer | undefined {
  return record && { version: record.version, content: record.content, askedTheCache }
}
