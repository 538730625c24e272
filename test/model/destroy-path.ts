import { LedgerDown } from './ledger-model.js'
import type { Steps } from './schedule.js'
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
  const version = yield* revoke(process, !isTold && guards.destroyTellsTheCache)
  if (version === undefined) {
    history.isHalfDestroyed ||= isTold
    history.isRefused ||= isTold && history.relapses === relapses
    return
  }
  if (isTold && guards.destroyBuriesAgain) yield* buryAgain(process, version)
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

function* buryAgain(process: Process, version: number): Steps {
  if (!(yield* bury(process))) yield* noteRepair(process, version)
}

function acknowledge({ world: { history, ledger } }: Process, version: number): void {
  history.acknowledgements += 1
  history.acknowledged = Math.max(history.acknowledged, version)
  if (ledger.isToldOf(version)) history.isGone = true
}
