/*
 * Lists travel as one text each, and rows come back as one: each value of an array, and each column of a row, costs a
 * driver more than all else that a session needs, through Prisma half of the whole.
 */

/** Between two values of a list, and two rows. No text that JSON writes holds it. */
const RECORD = '\x1e'

/** Between two columns of a row; the last column may hold it. */
const UNIT = '\x1f'

/** Whether a text may be a value of a list. */
export function isPackable(text: string): boolean {
  return !text.includes(RECORD)
}

/** Whether it may also be in any column of a row. */
export function isPackableId(id: string): boolean {
  return !id.includes(RECORD) && !id.includes(UNIT)
}

/** A list as one text. A list of one empty text can not be told from an empty one. */
export function pack(values: readonly (string | number)[]): string {
  return values.join(RECORD)
}

/** The array, in SQL, that a list was packed from. */
export function unpacked(parameter: string, type: 'text' | 'int' | 'bigint'): string {
  const texts = `string_to_array(${parameter}::text, E'\\x1e')`
  return type === 'text' ? texts : `${texts}::${type}[]`
}

/** All rows of a query as one text, in SQL; null where there is none. A null column is an empty text. */
export function packedRows(columns: readonly string[]): string {
  const texts = columns.map((column) => `coalesce(${column}::text, '')`)
  return `string_agg(${texts.join(` || E'\\x1f' || `)}, E'\\x1e')`
}

/** Whether no value in this column, the last of {@link packedRows}, was in the way; in SQL. */
export function werePackable(column: string): string {
  return `coalesce(not bool_or(strpos(${column}, E'\\x1e') > 0), true)`
}

/** The rows of {@link packedRows}, each as its columns. */
export function unpackRows(packed: unknown, columns: number): readonly (readonly string[])[] {
  if (typeof packed !== 'string') return []
  return packed.split(RECORD).map((row) => unpackRow(row, columns))
}

function unpackRow(row: string, columns: number): readonly string[] {
  const values: string[] = []
  let start = 0
  while (values.length < columns - 1) {
    const end = row.indexOf(UNIT, start)
    values.push(row.slice(start, end))
    start = end + 1
  }
  values.push(row.slice(start))
  return values
}
