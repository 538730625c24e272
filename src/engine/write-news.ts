import type { PutMode } from '../core/cache.js'
import { MAX_VERSION } from '../core/ledger.js'
import type { CommitName, SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import { BURIED_FOR, type Tiers } from './tiers.js'

/** What the caches, and whoever listens, are told of writes. */
export class WriteNews {
  readonly #tiers: Tiers

  constructor(tiers: Tiers) {
    this.#tiers = tiers
  }

  /**
   * What was there before is old from now on; what was committed may be remembered here only where
   * the cache has taken it: it may hold a tombstone that the ledger was never told of (rule 5).
   *
   * @param since - when the write came: its acknowledgement waits for a note no longer than the
   * ledger may take from then on. `noted`: the commit itself wrote down, where that was needed, that
   * the cache may not be told; it may have gone since.
   */
  async committed(
    record: SessionRecord,
    mode: PutMode | undefined,
    since: number | 'noted',
  ): Promise<'taken' | 'gone' | 'untold'> {
    const { cache, metrics, near, repairs } = this.#tiers
    metrics.count('writes')
    near?.drop(record.id, record.version)
    if (!cache) return 'taken'
    const outcome = mode ? await cache.put(record, mode) : await this.#forgetAll(record.id)
    if (outcome === 'untold' && since !== 'noted') await repairs?.note(record, since)
    if (outcome === 'untold' || outcome === 'forgotten') return 'untold'
    return outcome === 'gone' ? 'gone' : 'taken'
  }

  /** Where a new session could not be announced, the cache may hold one that the ledger has lost. */
  async #forgetAll(id: SessionId): Promise<'forgotten' | 'untold'> {
    return (await this.#tiers.cache?.forget(id, MAX_VERSION)) ? 'forgotten' : 'untold'
  }

  /**
   * What the holder was given by a cache may be what led it into the conflict: who committed the
   * next version may have died before it told anybody. Without this, each load until the end of the
   * lease would lead into it again.
   */
  async disown({ id, version }: SessionRecord, base?: CommitName): Promise<void> {
    const old = Math.max(base?.version ?? 0, version - 1)
    this.#tiers.near?.drop(id, old + 1)
    await this.#tiers.cache?.forget(id, old)
  }

  /** The ledger says that the session has ended: the cache, which may not know, is told. */
  foundGone(id: SessionId, isRevoked: boolean): 'gone' {
    const { cache } = this.#tiers
    if (isRevoked) void cache?.bury(id, { version: 0, ttl: BURIED_FOR })
    else void cache?.forget(id, MAX_VERSION)
    return this.gone(id)
  }

  gone(id: SessionId): 'gone' {
    this.#tiers.near?.drop(id, MAX_VERSION)
    this.#tiers.events.emit('write-after-destroy', { id })
    return 'gone'
  }
}
