import { Codec } from '../../../src/core/codec.js'
import type { EncryptionOptions } from '../../../src/index.js'
import { hashedIds } from '../../../src/core/session-id.js'
import type { HistoryEvent } from '../history/operation.js'
import { seenOf } from '../history/seen.js'
import { cookieIdOf } from '../worker/actor.js'
import { monotonicNow } from '../worker/journal.js'
import type { Stage } from './stage.js'

interface Row {
  readonly id: string
  readonly version: number
  readonly data: string
}

/** What the ledger itself holds of each of these sessions, as events of the coordinator's. */
export async function readFinalStates(
  stage: Stage,
  labels: readonly string[],
  encryption?: EncryptionOptions,
): Promise<HistoryEvent[]> {
  const codec = new Codec(undefined, encryption)
  const idOf = hashedIds('web')
  const begun = monotonicNow()
  const rows = await stage.query<Row>(
    `select "sessionId" as id, version, data from sessions
      where "revokedAt" is null and "expiresAt" > timezone('utc', now())`,
  )
  const live = new Map(rows.map((row) => [row.id, row]))
  return labels.flatMap((session, number): HistoryEvent[] => {
    const operation = `coordinator-${number + 1}`
    const id = idOf(cookieIdOf(session))!
    const row = live.get(id)
    const seen =
      row && seenOf({ version: row.version, raw: codec.unseal(id, row.data) }, 'postgres')
    const asked = { operation, worker: 'coordinator', kind: 'final', session } as const
    return [
      { type: 'invoke', ...asked, at: begun },
      { type: 'ok', operation, at: monotonicNow(), ...(seen && { seen }) },
    ]
  })
}
