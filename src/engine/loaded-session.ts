import { CorruptTextError } from '../core/codec.js'
import type { SessionContent } from '../core/merge.js'
import type { NearEntry } from '../core/near.js'
import type { SessionRecord } from '../core/record.js'
import type { SessionId } from '../core/session-id.js'
import type { Tiers } from './tiers.js'

/** A committed version of a session, to build a change upon. */
export interface SessionBase {
  readonly id: SessionId
  readonly version: number
  readonly writeId: string

  /** What was committed, as it was serialized. */
  readonly raw: string

  /**
   * What the holder's own object held at that version, serialized. It differs from `raw` after a
   * merge: what others had changed is committed, and the holder has not seen it.
   */
  readonly seen: string

  /** Epoch ms in the ledger's time. */
  readonly expiresAt: number
  readonly absoluteExpiresAt: number | undefined
}

/** A session as it was read. */
export interface LoadedSession extends SessionBase {
  /** A new object for each read: nobody else has it. */
  readonly content: SessionContent

  /** Which tier answered, by its name: `near`, `redis`, `postgres`, `memory`. */
  readonly tier: string
}

/**
 * Opens a record, or answers `undefined` where it holds no session, which is an event.
 *
 * @throws {@link DecryptionError}, {@link UnknownKeyError}
 */
export async function open(
  tiers: Pick<Tiers, 'codec' | 'events'>,
  record: SessionRecord,
  tier: string,
): Promise<LoadedSession | undefined> {
  const { codec, events } = tiers
  const { id } = record
  const raw = codec.unseal(id, record.data)
  try {
    const content = codec.parseNow(raw) ?? (await codec.parse(raw))
    return toLoaded(record, { raw, content, tier })
  } catch (error) {
    if (!(error instanceof CorruptTextError)) throw error
    events.emit('corrupt-record', { id, tier, problem: error.message })
    return undefined
  }
}

/** As {@link open}, at once and quietly; `undefined` wherever that must be asked. */
export function openNow(
  { codec }: Pick<Tiers, 'codec'>,
  record: SessionRecord,
  tier: string,
): LoadedSession | undefined {
  try {
    const raw = codec.unseal(record.id, record.data)
    const content = codec.parseNow(raw)
    return content && toLoaded(record, { raw, content, tier })
  } catch {
    return undefined
  }
}

/** What this process remembers of a session: all but the object, which is its reader's alone. */
export function toNearEntry(session: SessionBase): NearEntry {
  const { id, version, writeId, raw, expiresAt, absoluteExpiresAt } = session
  return { id, version, writeId, raw, expiresAt, absoluteExpiresAt }
}

/**
 * Opens what this process remembers: its text is parsed anew. `undefined` where it can not be, as
 * with a serializer that has changed its mind.
 */
export async function openNear(
  { codec }: Pick<Tiers, 'codec'>,
  entry: NearEntry,
): Promise<LoadedSession | undefined> {
  try {
    const { raw } = entry
    return toLoaded(entry, { raw, content: await codec.parse(raw), tier: 'near' })
  } catch (error) {
    if (!(error instanceof CorruptTextError)) throw error
    return undefined
  }
}

/** As {@link openNear}, at once; `undefined` also where the serializer takes its time. */
export function openNearNow(
  { codec }: Pick<Tiers, 'codec'>,
  entry: NearEntry,
): LoadedSession | undefined {
  try {
    const { raw } = entry
    const content = codec.parseNow(raw)
    return content && toLoaded(entry, { raw, content, tier: 'near' })
  } catch (error) {
    if (!(error instanceof CorruptTextError)) throw error
    return undefined
  }
}

/** Names each field: a spread costs as much as half of the parsing. */
function toLoaded(
  { id, version, writeId, expiresAt, absoluteExpiresAt }: Omit<SessionBase, 'raw' | 'seen'>,
  { raw, content, tier }: Pick<LoadedSession, 'raw' | 'content' | 'tier'>,
): LoadedSession {
  return { id, version, writeId, raw, seen: raw, expiresAt, absoluteExpiresAt, content, tier }
}
