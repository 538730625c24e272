import { MAX_VERSION } from '../../core/ledger.js'

/**
 * Writes down the rows (id, context, version) of a query. A row that stands is raised, so that
 * whoever has read it before does not settle it.
 */
export function note(repairs: string, rows: string): string {
  return `
  insert into ${repairs} as r ("sessionId", context, version, "createdAt")
  select n.*, timezone('utc', clock_timestamp()) from (${rows}) n order by 1
  on conflict ("sessionId") do update
     set version = greatest(least(r.version, ${MAX_VERSION - 1}) + 1, excluded.version), "createdAt" = excluded."createdAt"`
}
