/*
 * Where one reply of a Redis connection ends and the next begins, in RESP2 and RESP3, and of an array where each
 * element does: just enough to move them about.
 * https://redis.io/docs/latest/develop/reference/protocol-spec/
 */

const CR = 13
const NEWLINE = 2
const ARRAY = '*'.charCodeAt(0)
const NONE: Buffer = Buffer.alloc(0)

/** Types whose header is a length in bytes: bulk strings, verbatim strings and bulk errors. */
const BLOBS = '$=!'

/** Types whose header is a number of elements, and how many frames one element is. */
const AGGREGATES: Readonly<Record<string, number>> = { '*': 1, '~': 1, '>': 1, '%': 2, '|': 2 }

/** Splits the bytes of one connection's replies into parts: a reply is one, but of an array the header and each element. */
export class RespParts {
  #rest = NONE

  /** Takes the next bytes, and returns the parts that are whole by now. */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    const parts: Buffer[] = []
    let start = 0
    for (let end = endOfPart(bytes, start); end !== undefined; end = endOfPart(bytes, start)) {
      parts.push(bytes.subarray(start, end))
      start = end
    }
    this.#rest = bytes.subarray(start)
    return parts
  }
}

/** Where the part that begins at `start` ends, or `undefined` while it is not whole. */
function endOfPart(bytes: Buffer, start: number): number | undefined {
  const isArray = bytes[start] === ARRAY
  let end = start
  for (let open = 1; open > 0; open--) {
    const line = bytes.indexOf(CR, end)
    if (line === -1 || line + NEWLINE > bytes.length) return undefined
    const type = String.fromCharCode(bytes[end]!)
    const count = Number(bytes.toString('latin1', end + 1, line))
    end = line + NEWLINE
    if (BLOBS.includes(type) && count >= 0) end += count + NEWLINE
    else if (count > 0 && !isArray) open += count * (AGGREGATES[type] ?? 0)
    // An attribute is said about the frame that follows it.
    if (type === '|') open++
    if (end > bytes.length) return undefined
  }
  return end
}
