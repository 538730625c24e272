/**
 * The columns hold UTC, so this is what they are compared with, whatever the connection's TimeZone
 * is. The statement's time and not `now()`, which stands still where somebody hands in a client
 * that is inside a transaction.
 */
export const NOW = `timezone('utc', statement_timestamp())`

/** The time now, as a row, epoch ms. */
export const CLOCK = `select ${ms('clock_timestamp()')} as now`

/** Later dates are stored by Postgres, and read back as invalid ones by JavaScript's drivers. */
const LAST_DATE = `timestamp '9999-12-31 23:59:59.999'`

/** A time as epoch ms. */
export function ms(time: string): string {
  return `round(date_part('epoch', ${time}) * 1000)`
}

/** Whole hours since 1970 of a time. */
export function hour(time: string): string {
  return `floor(date_part('epoch', ${time}) / 3600)::int`
}

/** The time so many ms from now, or the last there is. */
export function fromNow(ttl: string): string {
  return `least(${NOW} + ${ttl} * interval '1 millisecond', ${LAST_DATE})`
}
