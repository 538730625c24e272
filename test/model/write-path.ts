import { merge } from '../../src/core/merge.js'
import type { LearnedPut, Reservation } from './cache-link.js'
import type { PutOutcome } from './cache-model.js'
import type { Change } from './history.js'
import { checkGivenUp, MAX_RETRIES } from './invariants.js'
import type { Answer } from './invariants.js'
import type { Base, Content, Row } from './ledger-model.js'
import type { Ticket } from './near-cache.js'
import { read } from './read-path.js'
import type { Steps } from './schedule.js'
import { doubt } from './upkeep.js'
import type { Process } from './world.js'

/** What a write began from, and what it makes of it. */
interface Draft {
  readonly base: Base & Pick<Answer, 'content'>
  readonly mine: Content
  readonly above: number
}

interface Write {
  readonly writeId: string
  readonly notesRepair: boolean
}

/** What is to be done after a statement that did not take. */
type Decision = 'gone' | 'again' | { readonly kind: 'committed' | 'conflict'; readonly row: Row }

/** The row that was committed, by an insert or over another version. */
interface Commit {
  readonly row: Row
  readonly isInsert: boolean

  /** From before the attempt that took. */
  readonly ticket: Ticket | undefined
}

/** What became of one statement: the row that it committed, the row that kept it from that, or a lost reply. */
type Outcome = { readonly committed: Row } | { readonly found: Row | undefined } | 'unknown'

/** Loads the session, changes one key and saves it; what is gone is left alone. */
export function* write(process: Process, change: Change): Steps {
  const base = yield* read(process)
  if (base) yield* save(process, base, change)
}

/** Saves a session that nobody has loaded. */
export function* create(process: Process, change: Change): Steps {
  yield* save(process, { version: 0, writeId: undefined, content: {} }, change)
}

function* save(process: Process, base: Draft['base'], change: Change): Steps {
  const { world, link } = process
  const { insertReservesFirst } = world.guards
  const write: Write = {
    writeId: `write ${world.nextNumber()}`,
    notesRepair: link.isCutOff,
  }
  const isNew = base.version === 0
  const fill = isNew && insertReservesFirst ? yield* reserve(process) : undefined
  if (fill === 'gone') return
  const mine = changed(base.content, change)
  const commit = yield* commitMerged(process, write, { base, mine, above: base.version })
  if (!commit) return
  const { row, isInsert } = commit
  process.near?.hearOwn(row.version)
  const fillNow = isInsert && !insertReservesFirst ? yield* reserve(process) : fill
  if (fillNow === 'gone') return
  const mode = isInsert ? fillNow : 'update'
  const told = mode && !write.notesRepair ? yield* tell(process, { record: row, mode }) : 'untold'
  if (write.notesRepair) doubt(process, row.version)
  keepOwn(process, commit, told)
  yield 'acknowledges'
  acknowledge(process, row, change)
}

/**
 * Places the token with which a new session is put, before its insert (rule 3); nothing where the cache does not grant it.
 * An id that the cache refuses is refused, though the ledger may have forgotten it.
 */
function* reserve({ link, world }: Process): Steps<Reservation | 'gone' | undefined> {
  yield 'reserves the fill'
  const reserved = link.reserve(world.nextNumber())
  if (reserved?.found.kind === 'tombstone') return 'gone'
  return reserved?.found.kind === 'absent' ? reserved.reservation : undefined
}

/** The process remembers what it committed, where the cache has taken it; what the cache refuses, it forgets (rule 5). */
function keepOwn({ near }: Process, { row, ticket }: Commit, told: PutOutcome | 'untold'): void {
  if (told === 'gone') near?.hearOwn(Infinity)
  else if (told !== 'untold' && ticket) near?.keep({ ...row, askedTheCache: true }, ticket)
}

/** Compares and sets until it takes, merging what came between. */
function* commitMerged(process: Process, write: Write, first: Draft): Steps<Commit | undefined> {
  const { history } = process.world
  const versionAtStart = first.base.version
  let draft = first
  let retries = 0
  let mayBeCommitted = false
  while (retries <= MAX_RETRIES) {
    const ticket = process.near?.take()
    const outcome = yield* attempt(process, write, draft)
    if (outcome === 'unknown') {
      mayBeCommitted = true
      continue
    }
    const isInsert = draft.base.version === 0
    if ('committed' in outcome) return { row: outcome.committed, isInsert, ticket }
    const decision = decide(process, write, { base: draft.base.version, row: outcome.found })
    if (decision === 'gone') return undefined
    if (decision === 'again') continue
    if (decision.kind === 'committed') return { row: decision.row, isInsert, ticket }
    if (mayBeCommitted && mayHold(process, draft, decision.row)) return undefined
    mayBeCommitted = false
    draft = rebase(process, draft, decision.row)
    retries += 1
  }
  checkGivenUp(history, versionAtStart)
  return undefined
}

/**
 * One statement. It sees the rows as they were when it began and writes to them as they are when it takes, so that what it
 * saw is not asked where it did not take: that is read again (rule 6).
 */
function* attempt(process: Process, write: Write, draft: Draft): Steps<Outcome> {
  const { ledger, guards, random } = process.world
  const { base, above, mine: content } = draft
  const statement = { ...write, base, above, content }
  yield 'begins a statement'
  const snapshot = ledger.read()
  yield 'runs the statement'
  if (random.chance(process.lostReplies)) {
    loseReply(process, () => ledger.write(statement))
    return 'unknown'
  }
  const committed = ledger.write(statement)
  if (committed) return { committed }
  if (!guards.readsAgain) return { found: snapshot }
  yield 'reads again'
  return { found: ledger.read() }
}

/** Classifies a statement that did not take, the tombstone before the write's identity (rule 7). */
function decide(
  { world: { guards, ledger } }: Process,
  { writeId }: Write,
  { base, row }: { readonly base: number; readonly row: Row | undefined },
): Decision {
  if (!row) return base === 0 ? 'again' : 'gone'
  const isMine = guards.knowsItsRetry && row.writeId === writeId
  if (row.isRevoked && (!isMine || guards.tombstoneBeforeWriteId)) return 'gone'
  if (isMine) return { kind: 'committed', row }
  if (!ledger.isLive(row)) return base === 0 ? 'again' : 'gone'
  return { kind: 'conflict', row }
}

/**
 * Whether somebody may have built upon this very write, of which no reply came: then it must not be put on top of that
 * once more (rule 12). It would have been given the version above those that it had seen.
 */
function mayHold({ world: { guards } }: Process, { above }: Draft, row: Row): boolean {
  return guards.doubtsWhatFollowed && row.version > above + 1
}

function rebase(process: Process, { base, mine, above: least }: Draft, theirs: Row): Draft {
  const above = Math.max(least, theirs.version)
  if (!process.world.guards.mergesConflicts) return { base: theirs, mine, above }
  const { content } = merge({ base: base.content, mine, theirs: theirs.content })
  return { base: theirs, mine: content as Content, above }
}

/** Tells the cache of a commit: a put, else a forget, else a repair that whoever reaches it applies (rules 4 and 14). */
function* tell(process: Process, put: LearnedPut): Steps<PutOutcome | 'untold'> {
  const { link, world } = process
  const { version } = put.record
  yield 'puts'
  const outcome = link.put(put)
  if (outcome) return outcome
  if (world.guards.failedPutForgets) {
    yield 'forgets'
    if (link.ask((cache) => cache.forget(version))) return 'untold'
  }
  doubt(process, version)
  yield* noteRepair(process, version)
  return 'untold'
}

/** Writes down what the cache could not be told, as soon as the ledger can be reached. */
export function* noteRepair({ world: { ledger } }: Process, version: number): Steps {
  do yield 'notes a repair'
  while (ledger.isDown)
  ledger.noteRepair(version)
}

/** A reply that did not come: the statement was lost on its way, or executed, or it is executed later. */
export function loseReply({ world }: Process, statement: () => unknown): void {
  const fate = world.random.below(3)
  if (fate === 1) statement()
  if (fate === 2) world.start('a late statement', executeLater(statement))
}

function* executeLater(statement: () => unknown): Steps {
  yield 'is on its way'
  yield 'is executed'
  statement()
}

/** What a failover of the ledger has lost meanwhile is acknowledged too, but promises nothing. */
function acknowledge(process: Process, { version, writeId }: Row, change: Change): void {
  const { history, ledger } = process.world
  process.own = { version, writeId }
  history.acknowledgements += 1
  if (history.lost.get(version)?.writeId === writeId) return
  history.changes.push(change)
  history.acknowledged = Math.max(history.acknowledged, version)
  if (ledger.isToldOf(version)) history.floor = Math.max(history.floor, version)
}

function changed(content: Content, { key, value }: Change): Content {
  if (value !== undefined) return { ...content, [key]: value }
  return Object.fromEntries(Object.entries(content).filter(([name]) => name !== key))
}
