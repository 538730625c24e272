import { EngineStore } from '../../../../../../src/doors/express/index.js'
import type { Place } from '../../../express/programs/run-program.js'
import { openSite } from '../../user-site.js'

/** What this program is asked of a session, as JSON: by the id that its cookie holds. */
export interface Question {
  readonly ask: 'user' | 'store' | 'end' | 'destroy'
  readonly sessionId: string
}

/** What it answers, and `ready` at first: whose session it is, by either door. */
export type Answer = 'ready' | { readonly userId: string | null }

const { databaseUrl, redisUrl: redis, prefix } = JSON.parse(process.argv[2] ?? '') as Place

async function serve(): Promise<void> {
  const { manager, engine } = await openSite({ databaseUrl, redis, prefix })
  const store = new EngineStore(engine)
  const answer = async ({ ask, sessionId }: Question): Promise<Answer> => {
    if (ask === 'end') await manager.deleteSession(sessionId)
    if (ask === 'destroy') await store.destroy(sessionId)
    if (ask === 'user') return { userId: (await manager.findBySessionId(sessionId))?.id ?? null }
    const session = (await store.get(sessionId)) as { readonly userId?: string } | null
    return { userId: session?.userId ?? null }
  }
  process.on('message', (question: string) => {
    void answer(JSON.parse(question) as Question).then((said) => process.send?.(said))
  })
  process.send?.('ready' satisfies Answer)
}

void serve()
