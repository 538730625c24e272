import type { Tables } from '../../drivers/postgres/identifiers.js'

/*
 * Batches take their rows in the order of the ids: two in opposite orders would wait for each other.
 */

/** The parts of a statement that changes rows `s` by a CTE `input`, which is in order; as `i` it is what a row is changed by. */
export interface RowsInOrder {
  /** Further CTEs, with a comma. */
  readonly ctes: string

  /** What comes after `from`. */
  readonly from: string
}

/**
 * The rows of the input that meet a condition. Those of a large table are looked up one after the other; those of a small
 * one are locked first, which is sure to be in order, and costs each row a second look-up and 54 bytes more of log.
 */
export function rowsInOrder(
  { sessions }: Tables,
  condition: string,
  isLarge: boolean,
): RowsInOrder {
  if (isLarge) return { ctes: '', from: `input i where ${oneByOne(condition)}` }
  return { ctes: lockedFirst(sessions, condition), from: 'held i where s."sessionId" = i.id' }
}

/** Locks the rows, and gives as `held` what of the input they are for. */
export function lockedFirst(sessions: string, condition: string): string {
  return `held as materialized (
  select i.* from input i cross join lateral (
    select 1 from ${sessions} s where s."sessionId" = i.id and ${condition} for no key update of s) h),`
}

/**
 * Asked so that it can be neither hashed nor merged: what is left is to look up one id after the other, unless Postgres
 * believes that the table has hardly any row. The condition is tied to the input, because one of its own could make it believe that.
 */
function oneByOne(condition: string): string {
  return `s."sessionId" = any(array[i.id]) and (i.id is not null and ${condition}) is true`
}
