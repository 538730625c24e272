import { LedgerDown } from './ledger-model.js'
import type { Steps } from './schedule.js'
import { doubt } from './upkeep.js'
import type { Process } from './world.js'
import { loseReply, noteRepair } from './write-path.js'

/**
 * Destroys the session: buried in the cache, revoked in the ledger, and buried again over whatever was filled between the
 * two (rule 5). Where the ledger fails, the first tombstone stands: the session is refused, though not durably.
 */
export function* destroy(process: Process): Steps {
  const { guards, history } = process.world
  history.destroyBegan = true
  const { relapses } = history
  const isTold = guards.destroyBuriesFirst ? yield* bury(process) : !process.link.isCutOff
  if (!isTold) doubt(process, Infinity)
  const version = yield* revoke(process, !isTold && guards.destroyTellsTheCache)
  if (version === undefined) {
    // The tombstone may stand, though no reply said so.
    history.isHalfDestroyed = true
    history.isRefused ||= isTold && history.relapses === relapses
    return
  }
  if (guards.destroyBuriesAgain) yield* buryAgain(process, { version, isNoted: !isTold })
  process.near?.hearOwn(Infinity)
  yield 'acknowledges'
  acknowledge(process, version)
}

/** Whether the cache took the tombstone. */
function* bury({ link, world }: Process): Steps<boolean> {
  if (!world.guards.destroyTellsTheCache) return false
  yield 'buries'
  return link.ask((cache) => cache.bury()) !== undefined
}

/**
 * The tombstone's version in the ledger, or `undefined` where the ledger fails. Where the cache was not told, the same
 * statement notes a repair.
 */
function* revoke(process: Process, notesRepair: boolean): Steps<number | undefined> {
  const { ledger, random } = process.world
  const statement = () => ledger.revoke({ notesRepair })
  try {
    yield 'revokes'
    while (random.chance(process.lostReplies)) {
      loseReply(process, statement)
      yield 'revokes again'
    }
    return statement()
  } catch (error) {
    if (error instanceof LedgerDown) return undefined
    throw error
  }
}

/** Whatever became of the first time: a cache that could not be told may be there again. */
function* buryAgain(
  process: Process,
  { version, isNoted }: { readonly version: number; readonly isNoted: boolean },
): Steps {
  if (yield* bury(process)) return
  doubt(process, Infinity)
  if (!isNoted) yield* noteRepair(process, version)
}

function acknowledge(process: Process, version: number): void {
  const { history, ledger } = process.world
  process.own = { version, writeId: history.minted.get(version)?.writeId }
  history.acknowledgements += 1
  history.acknowledged = Math.max(history.acknowledged, version)
  if (ledger.isToldOf(version)) history.isGone = true
}
