import type { Row } from './sql-client.js'

/** A number however the driver gives it: as a number, a bigint, or text. */
export function numberIn(row: Row, column: string): number {
  return Number(row[column])
}

/** A text that the column always has. */
export function textIn(row: Row, column: string): string {
  return String(row[column])
}

/** A text, or `undefined` where the column is null. */
export function optionalTextIn(row: Row, column: string): string | undefined {
  return row[column] === null || row[column] === undefined ? undefined : textIn(row, column)
}
