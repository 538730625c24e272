import { describe, expect, it } from '@jest/globals'
import { linesOf, MalformedHistoryError } from './history.js'
import { parseLogs } from './parse-logs.js'

const seen = { version: 1, hash: 'h', label: 's', keys: ['k'] }
const begun = {
  ...{ type: 'invoke', operation: 'w-1', worker: 'w', kind: 'write', session: 's', at: 1 },
  key: 'k',
}
const ended = { type: 'ok', operation: 'w-1', at: 2.5, outcome: 'written', seen }

function logOf(...events: readonly object[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join('')
}

function parse(text: string, isKilled = false) {
  return parseLogs([{ worker: 'w', text, isKilled }])
}

describe('a log of a worker', () => {
  it('pairs the beginning of an operation with its end', () => {
    const [operation] = parse(logOf(begun, ended)).operations

    expect(operation).toMatchObject({ id: 'w-1', key: 'k', invokedAt: 1, endedAt: 2.5, seen })
    expect(linesOf(operation!)).toBe(logOf(begun, ended).trimEnd())
  })

  it('leaves an operation unknown whose end is torn off, where the worker was killed', () => {
    const torn = logOf(begun, ended).slice(0, -20)

    const { operations, killed } = parse(torn, true)

    expect(operations).toMatchObject([{ id: 'w-1', result: 'unknown', endedAt: Infinity }])
    expect([...killed]).toEqual(['w'])
  })

  it('counts a last line that lacks only its newline', () => {
    expect(parse(logOf(begun, ended).trimEnd(), true).operations[0]?.result).toBe('ok')
  })

  it('says where a line is torn whose worker was not killed', () => {
    expect(() => parse(logOf(begun, ended).slice(0, -20))).toThrow(/^w:2 is garbled: it is no JSON/)
  })

  it('says where a line is torn that is not the last of a killed worker', () => {
    const torn = `${logOf(begun).slice(0, 20)}\n${logOf(ended)}`

    expect(() => parse(torn, true)).toThrow(/^w:1 is garbled: it is no JSON/)
  })

  it('keeps samples and faults', () => {
    const sample = { type: 'sample', worker: 'w', at: 1, queues: { commits: 3 }, heapUsed: 5 }
    const fault = { type: 'fault', at: 2, fault: 'redis is killed' }

    expect(parse(logOf(sample, fault))).toMatchObject({ samples: [sample], faults: [fault] })
  })

  it.each([
    ['it is no object', logOf([])],
    ['its type is unknown', logOf({ ...begun, type: 'began' })],
    ['its at is no number', logOf({ ...begun, at: '1' })],
    ['its kind is unknown', logOf({ ...begun, kind: 'toString' })],
    ['its session is no text', logOf({ ...begun, session: undefined })],
    ['its key is no text', logOf({ ...begun, key: 1 })],
    ['its outcome is unknown', logOf(begun, { ...ended, outcome: 'done' })],
    ['its keys are no list', logOf(begun, { ...ended, seen: { ...seen, keys: 'k' } })],
    ['its version is no number', logOf(begun, { ...ended, seen: { ...seen, version: null } })],
    [
      'its commits is no number',
      logOf({ type: 'sample', worker: 'w', at: 1, heapUsed: 1, queues: { commits: -1 } }),
    ],
    ['it is a line of v', logOf({ ...begun, worker: 'v' })],
    ['it is no JSON', '\n'],
    ['w-1 ends without a beginning', logOf(ended)],
    ['w-1 begins twice', logOf(begun, begun)],
    ['w-1 ends twice', logOf(begun, ended, ended)],
    ['w-1 ends before it begins', logOf(begun, { ...ended, at: 0 })],
    [
      'w-1 is a write that does not tell what it came to',
      logOf(begun, { ...ended, outcome: 'ended' }),
    ],
    [
      'w-1 is a write that does not tell what it wrote',
      logOf(begun, { ...ended, seen: undefined }),
    ],
    ['w-2 and w-1 write one key', logOf(begun, { ...begun, operation: 'w-2' })],
  ])('is refused where %s', (problem, text) => {
    expect(() => parse(text)).toThrow(MalformedHistoryError)
    expect(() => parse(text)).toThrow(problem)
  })
})
