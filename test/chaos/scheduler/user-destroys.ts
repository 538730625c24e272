import { UNDECIDED } from '../history/failures.js'
import { monotonicNow } from '../worker/journal.js'
import type { Stage, StageWorker } from './stage.js'

/** A session of a user's, and when it was asked for and acknowledged. */
export interface Login {
  readonly session: string
  readonly begun: number
  readonly ended: number
}

/**
 * A worker ends all sessions of a user, and answers how many there were. The history has it as a destroy of each: of
 * those that were there before it is certain, and of those that began meanwhile it is not.
 *
 * @param logins - asked for when it is over.
 */
export async function destroyUser(
  stage: Stage,
  worker: StageWorker,
  { user, logins }: { readonly user: string; readonly logins: () => readonly Login[] },
): Promise<number> {
  const begun = monotonicNow()
  const count = await worker.process.ask({ do: 'destroy user', user })
  const at = monotonicNow()
  for (const login of logins().filter((each) => each.begun <= at)) {
    const { session } = login
    const operation = `destroy-of-${user}-${session}`
    const asked = { operation, worker: 'coordinator', kind: 'destroy', session } as const
    stage.events.push({ type: 'invoke', ...asked, at: begun })
    stage.events.push(
      login.ended < begun
        ? { type: 'ok', operation, at, outcome: 'ended' }
        : { type: 'unknown', operation, at, error: UNDECIDED },
    )
  }
  return Number(count)
}
