import type { Change } from '../core/ledger.js'
import type { CommitName, Live, Tombstone } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { keepNewest } from './keep-newest.js'
import { Rounds } from './rounds.js'
import type { Tiers } from './tiers.js'

const EVERY = 1_000
const PAGE = 128
const MOST = 10_000

/** A commit may wait for long: each pause between two looks is so many times the one before. */
const LATER = 1.25

/** Whoever would be looked at so seldom is left to the lease (protocol rule 10). ms. */
const LEAST_OFTEN = 60_000

/** What was to be committed; where nothing was before, nobody can hold anything old. */
type UnknownCommit = Pick<Change, 'id' | 'base' | 'above'>

/** What is needed of it later: not its data, nor that of its base. */
type Commit = Pick<Change, 'id' | 'above'> & { readonly base: CommitName }

interface Followed {
  readonly commit: Commit

  /** How long it was not looked at before it is again, and when that is. ms, monotonic ms. */
  readonly pause: number
  readonly dueAt: number
}

/**
 * Commits whose caller was told that nobody knows what became of them. Each may have happened: the
 * caches must not hold what was there before for long. One whose connection was lost may wait in the
 * ledger for a lock, and happen long after that: so it is looked up here whether its session still
 * stands where it was made upon.
 */
export class UnknownCommits {
  readonly #tiers: Tiers
  /** By what each was made upon: of two, either ends the other. Bounded, the oldest gives way. */
  readonly #followed = new Map<string, Followed>()
  readonly #rounds: Rounds
  #isStopped = false

  constructor(tiers: Tiers) {
    this.#tiers = tiers
    this.#rounds = new Rounds({
      clock: tiers.settings.clock,
      every: EVERY,
      isNeeded: () => this.size > 0,
      round: () => this.#look(),
    })
  }

  /** How many are followed. */
  get size(): number {
    return this.#followed.size
  }

  /** What was there before is forgotten: now, and when it is known what became of the commit. */
  follow(commit: UnknownCommit): void {
    this.note(commit)
    const { id, base, above } = commit
    if (!base || !this.#tiers.repairs || this.#isStopped) return
    const { version, writeId } = base
    const dueAt = this.#tiers.settings.clock.monotonic() + EVERY
    const followed = { commit: { id, above, base: { version, writeId } }, pause: EVERY, dueAt }
    keepNewest(this.#followed, [keyOf(id, base), followed], MOST)
    this.#rounds.begin()
  }

  /** Another one upon the same base took: this one can not any more. */
  end({ id, base }: Pick<Change, 'id' | 'base'>): void {
    if (base) this.#followed.delete(keyOf(id, base))
  }

  /** It has happened, or has not: what was there before is forgotten. */
  note({ id, base, above }: UnknownCommit): void {
    if (!base) return
    this.#tiers.near?.drop(id, above + 1)
    void this.#tiers.repairs?.note({ id, version: above + 1 })
  }

  /** Looks no more, and resolves when a statement under way has ended. Never rejects. */
  stop(): Promise<void> {
    this.#isStopped = true
    this.#followed.clear()
    return this.#rounds.stop()
  }

  async #look(): Promise<void> {
    const now = this.#tiers.settings.clock.monotonic()
    const due = [...this.#followed.values()].filter(({ dueAt }) => dueAt <= now)
    try {
      for (let start = 0; start < due.length && !this.#isStopped; start += PAGE) {
        await this.#lookUp(due.slice(start, start + PAGE))
      }
    } catch (error) {
      this.#tiers.events.emit('background-failure', { task: 'follow', error })
    }
  }

  async #lookUp(page: readonly Followed[]): Promise<void> {
    const ids = page.map(({ commit }) => commit.id)
    const held = await this.#tiers.ledger.call('read', (ledger) => ledger.read(ids))
    for (const followed of page) {
      const { id, base } = followed.commit
      const key = keyOf(id, base)
      if (this.#followed.get(key) !== followed) continue
      if (isAt(base, held.get(id))) this.#goOn(key, followed)
      else {
        this.#followed.delete(key)
        this.note(followed.commit)
      }
    }
  }

  #goOn(key: string, { commit, pause }: Followed): void {
    const longer = pause * LATER
    const dueAt = this.#tiers.settings.clock.monotonic() + longer
    if (longer > LEAST_OFTEN) this.#followed.delete(key)
    else this.#followed.set(key, { commit, pause: longer, dueAt })
  }
}

function keyOf(id: SessionId, { version, writeId }: CommitName): string {
  return `${id} ${version} ${writeId}`
}

function isAt(base: CommitName, held: Live | Tombstone | undefined): boolean {
  if (held?.kind !== 'live') return false
  return held.record.version === base.version && held.record.writeId === base.writeId
}
