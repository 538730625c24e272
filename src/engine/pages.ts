import type { ListQuery } from '../core/ledger.js'
import type { SessionSummary } from '../core/record.js'

/** How many sessions a page holds where the caller does not say. */
export const PAGE = 500

/**
 * All pages of a list that is ordered by id, each asked for only when the one before was dealt with.
 * A session that is there throughout is in one of them, whatever begins or ends meanwhile.
 *
 * @param list - gives one page; one that is not full is the last.
 */
export async function* pagesOf(
  list: (page: Pick<ListQuery, 'after' | 'limit'>) => Promise<readonly SessionSummary[]>,
): AsyncGenerator<readonly SessionSummary[]> {
  for (let after: string | undefined; ;) {
    const page = await list({ after, limit: PAGE })
    yield page
    if (page.length < PAGE) return
    after = page.at(-1)?.id
  }
}
