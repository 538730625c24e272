import type { Steps } from './schedule.js'
import type { Process } from './world.js'

const MOST_TELLINGS = 4

/** Has the cache forget what it was not told to be old, whatever it holds; then crosses that out (rule 14). */
export function* applyRepairs(process: Process): Steps {
  const { ledger } = process.world
  for (;;) {
    yield 'looks for repairs'
    const repair = ledger.pendingRepair()
    if (!repair) return
    yield 'applies a repair'
    const applied = process.link.ask((cache) => cache.forget(Infinity))
    if (!applied) return
    yield 'crosses a repair out'
    if (ledger.crossOut(repair)) promise(process, repair.untold)
  }
}

/** The cache may hold less than this, and is told so in a while, and again where that fails (rule 14). */
export function doubt(process: Process, version: number): void {
  if (!process.world.guards.doubtsTheUntold) return
  process.untold = Math.max(process.untold, version)
  process.world.start('a telling', tellUntold(process))
}

function* tellUntold(process: Process): Steps {
  for (let times = 0; times < MOST_TELLINGS && process.untold > 0; times += 1) {
    yield 'tells what is untold'
    if (process.hasDied) return
    const { untold } = process
    const isTold = process.link.ask((cache) => cache.forget(Infinity))
    yield 'has the reply to that'
    if (isTold && process.untold === untold) process.untold = 0
  }
}

/** Reaches the cache again: the repairs first, then it is trusted. */
export function* heal(process: Process): Steps {
  const { guards, history } = process.world
  yield 'reaches the cache again'
  process.link.isCutOff = false
  process.link.reconnect()
  const { acknowledged } = history
  if (guards.repairsBeforeTrust) yield* applyRepairs(process)
  process.floor = Math.max(process.floor, acknowledged)
}

/** Moves the expiry later in the ledger, then in the cache, which forgets what is older than the ledger's version (rule 8). */
export function* touch(process: Process): Steps {
  const { ledger } = process.world
  yield 'touches the ledger'
  const row = ledger.touch()
  yield 'touches the cache'
  if (!row) return
  process.link.ask((cache, run) => (row.isRevoked ? cache.bury() : cache.touch(row, run)))
}

/** Deletes an expired row in two steps, as a batch does: chosen, then deleted if it is still expired. */
export function* sweep({ world: { ledger } }: Process): Steps {
  yield 'chooses expired rows'
  const row = ledger.read()
  if (!row || row.isRevoked || ledger.isLive(row)) return
  yield 'deletes the chosen rows'
  ledger.sweep()
}

/** What a repair that was crossed out promises to whoever reads from now on. */
function promise({ world: { history, ledger } }: Process, untold: number): void {
  const row = ledger.read()
  if (!row) return
  if (row.isRevoked && row.version <= untold) history.isGone = true
  history.floor = Math.max(history.floor, Math.min(untold, row.version))
}
