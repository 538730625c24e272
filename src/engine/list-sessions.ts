import { InvalidOptionError } from '../core/errors.js'
import type { ListQuery } from '../core/ledger.js'
import type { SessionSummary } from '../core/record.js'
import { PAGE } from './pages.js'
import type { Tiers } from './tiers.js'

/** Postgres takes no greater one. */
const MOST = 2 ** 31 - 1

/**
 * A page of live sessions, ordered by public id; those of a user show the user as it was asked for,
 * however the ledger's index names it. No cache knows lists: it is the ledger's.
 */
export async function listSessions(
  { lists, settings }: Pick<Tiers, 'lists' | 'settings'>,
  { userId, after, limit = PAGE }: Partial<ListQuery>,
): Promise<readonly SessionSummary[]> {
  if (!(Number.isInteger(limit) && limit > 0 && limit <= MOST)) {
    throw new InvalidOptionError('limit', `must be a whole number from 1 to ${MOST}`)
  }
  const entry = settings.indexOwner(userId)
  if (userId !== undefined && entry === undefined) return []
  const page = await lists.list({ userId: entry, after, limit })
  return userId === undefined ? page : page.map((summary) => ({ ...summary, userId }))
}
