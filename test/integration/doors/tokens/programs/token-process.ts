import type { Place } from '../../express/programs/run-program.js'
import { openTokenSite } from '../token-site.js'

/** What this program is asked, as JSON. */
export interface Question {
  readonly ask: 'refresh' | 'validate' | 'destroy'
  readonly token: string

  /** How often, all at once. */
  readonly times: number
}

/** What one call came to: the pair that it gave, or why it gave none. */
export type Outcome = { readonly pair?: readonly string[] } & { readonly reason?: string }

/** What it answers; `ready` at first. */
export type Answer = 'ready' | { readonly outcomes: readonly Outcome[]; readonly thefts: number }

const { databaseUrl, redisUrl: redis, prefix } = JSON.parse(process.argv[2] ?? '') as Place

async function serve(): Promise<void> {
  const site = await openTokenSite({ databaseUrl, redis, prefix, near: true })
  const { manager } = site
  let thefts = 0
  manager.on('token.theft', () => (thefts += 1))
  const once = async ({ ask, token }: Question): Promise<Outcome> => {
    if (ask === 'refresh') {
      const result = await manager.refreshSession(token)
      if (result.success) return { pair: [result.token, result.refreshToken] }
      return { reason: result.error.reason }
    }
    const act = ask === 'validate' ? manager.validateSession(token) : manager.destroySession(token)
    const result = await act
    return result.success ? {} : { reason: result.error.reason }
  }
  process.on('message', (text: string) => {
    const question = JSON.parse(text) as Question
    const asked = Array.from({ length: question.times }, () => once(question))
    void Promise.all(asked).then((outcomes) =>
      process.send?.({ outcomes, thefts } satisfies Answer),
    )
  })
  process.send?.('ready' satisfies Answer)
}

void serve()
