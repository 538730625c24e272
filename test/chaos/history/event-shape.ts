import type { Completion, HistoryEvent, OperationKind } from './operation.js'

const kinds: Readonly<Record<OperationKind, true>> = {
  read: true,
  write: true,
  touch: true,
  destroy: true,
  final: true,
}

const outcomes: Readonly<Record<NonNullable<Completion['outcome']>, true>> = {
  written: true,
  gone: true,
  dropped: true,
  ended: true,
  absent: true,
}

type Fields = Readonly<Record<string, unknown>>

/** What must hold of the fields of each type of event, besides `at`; in words where it does not. */
const shapes: Readonly<Record<HistoryEvent['type'], (event: Fields) => string | undefined>> = {
  invoke: (event) =>
    textsIn(event, ['operation', 'worker', 'session']) ??
    oneOf(kinds, event, 'kind') ??
    (event['key'] === undefined ? undefined : textsIn(event, ['key'])),
  ok: completionProblem,
  fail: completionProblem,
  unknown: completionProblem,
  fault: (event) => textsIn(event, ['fault']),
  quiet: () => undefined,
  sample: (event) =>
    textsIn(event, ['worker']) ?? countsIn(event, ['heapUsed']) ?? queuesProblem(event['queues']),
}

/** What keeps a parsed line from being an event, in words; nothing where it is one. */
export function problemOf(value: unknown): string | undefined {
  if (!isFields(value)) return 'it is no object'
  const { type } = value
  if (typeof type !== 'string' || !isShape(type)) return 'its type is unknown'
  return countsIn(value, ['at']) ?? shapes[type](value)
}

function isShape(type: string): type is HistoryEvent['type'] {
  return Object.hasOwn(shapes, type)
}

function completionProblem(event: Fields): string | undefined {
  return (
    textsIn(event, ['operation']) ??
    (event['outcome'] === undefined ? undefined : oneOf(outcomes, event, 'outcome')) ??
    (event['error'] === undefined ? undefined : textsIn(event, ['error'])) ??
    seenProblem(event['seen'])
  )
}

function seenProblem(seen: unknown): string | undefined {
  if (seen === undefined) return undefined
  if (!isFields(seen)) return 'its seen is no object'
  const { keys } = seen
  if (!Array.isArray(keys) || keys.some((key) => typeof key !== 'string')) {
    return 'its keys are no list of strings'
  }
  return countsIn(seen, ['version']) ?? textsIn(seen, ['hash', 'label'])
}

function queuesProblem(queues: unknown): string | undefined {
  return isFields(queues) ? countsIn(queues, Object.keys(queues)) : 'its queues are no object'
}

function textsIn(fields: Fields, names: readonly string[]): string | undefined {
  const wrong = names.find((name) => typeof fields[name] !== 'string' || fields[name] === '')
  return wrong === undefined ? undefined : `its ${wrong} is no text`
}

function countsIn(fields: Fields, names: readonly string[]): string | undefined {
  const wrong = names.find((name) => !(Number.isFinite(fields[name]) && Number(fields[name]) >= 0))
  return wrong === undefined ? undefined : `its ${wrong} is no number`
}

function oneOf(known: object, fields: Fields, name: string): string | undefined {
  return Object.hasOwn(known, String(fields[name])) ? undefined : `its ${name} is unknown`
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
