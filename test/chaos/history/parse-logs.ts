import { problemOf } from './event-shape.js'
import { MalformedHistoryError, toHistory, type History } from './history.js'
import type { HistoryEvent } from './operation.js'

/** What one worker logged. */
export interface WorkerLog {
  readonly worker: string

  /** Lines of JSON, each with a newline at its end. */
  readonly text: string

  /**
   * Whether it was killed, so that its last line may be torn and its last operations may have no
   * end. Default: it was not.
   */
  readonly isKilled?: boolean
}

/**
 * Reads a history from its logs. The torn last line of a killed worker is left out: what it began
 * there had not begun, since a worker logs first, and what it ended there is unknown.
 *
 * @throws {@link MalformedHistoryError} with the worker and the line, where any other line is
 * garbled.
 */
export function parseLogs(logs: readonly WorkerLog[]): History {
  const killed = logs.filter(({ isKilled = false }) => isKilled).map(({ worker }) => worker)
  return toHistory(eventsOf(logs), new Set(killed))
}

function* eventsOf(logs: readonly WorkerLog[]): Generator<HistoryEvent> {
  for (const log of logs) {
    const lines = log.text.split('\n')
    const rest = lines.pop()
    for (const [index, line] of lines.entries()) yield parseLine(line, `${log.worker}:${index + 1}`)
    const where = `${log.worker}:${lines.length + 1}`
    if (rest) yield* log.isKilled ? parseTorn(rest, where) : [parseLine(rest, where)]
  }
}

function parseTorn(line: string, where: string): readonly HistoryEvent[] {
  try {
    return [parseLine(line, where)]
  } catch {
    return []
  }
}

function parseLine(line: string, where: string): HistoryEvent {
  const value = toJson(line, where)
  const problem = problemOf(value)
  if (problem) throw new MalformedHistoryError(`${where} is garbled: ${problem}: ${line}`)
  const event = value as HistoryEvent
  const worker = where.slice(0, where.lastIndexOf(':'))
  if ('worker' in event && event.worker !== worker) {
    throw new MalformedHistoryError(`${where} is garbled: it is a line of ${event.worker}`)
  }
  return event
}

function toJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line)
  } catch (cause) {
    throw new MalformedHistoryError(`${where} is garbled: it is no JSON: ${line}`, { cause })
  }
}
