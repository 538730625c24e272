/**
 * In SQL: whether a row `s` is the session of this id and meets the condition, asked so that Postgres can only look the
 * ids up, one after the other. So a batch updates its rows in the order of its input, and locks them in that order: two
 * batches in opposite orders would wait for each other.
 *
 * An equality on its own may be hashed or merged, and then the rows come in the order of the table. To lock them first
 * (`for update`) is the other way to an order: each row is looked up twice then, and writes 54 bytes more of log.
 */
export function oneByOne(id: string, condition: string): string {
  return `s."sessionId" = any(array[${id}]) and (${condition}) is true`
}
