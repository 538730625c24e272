import { endsWith, sees, type CorrectScene, type Corruption } from './corruption.js'
import type { Operation } from './history.js'
import { seenOf } from './seen.js'

const TYPED = 'LedgerUnavailableError'

/** Ways to break invariants 7, 8 and 11 by what passes easily for a failure, or for success. */
export const corruptionsOfFailures: readonly Corruption[] = [
  {
    name: 'a write of a session that has ended is dropped',
    breaks: 7,
    edits: ({ history }) =>
      history.operations
        .filter(({ outcome }) => outcome === 'gone')
        .map((write) => endsWith(write, { outcome: 'dropped' })),
  },
  {
    name: 'a write that fails is dropped',
    breaks: 7,
    edits: (scene) =>
      failed(scene)
        .filter(({ kind }) => kind === 'write')
        .map((write) => endsWith(write, { type: 'ok', outcome: 'dropped', error: undefined })),
  },
  {
    name: 'a reply is no session of the suite',
    breaks: 8,
    edits: shows({ raw: '{"userId":"another visitor"}' }),
  },
  {
    name: 'a reply is no JSON',
    breaks: 8,
    edits: shows({ raw: '' }),
  },
  {
    name: 'a reader is given something else than was committed',
    breaks: 8,
    edits: ({ sessions }) =>
      sessions.flatMap(({ session, reads }) =>
        reads.map(({ operation }) => {
          const content = { label: session, keys: {} }
          const raw = JSON.stringify({ ...content, userId: 'another visitor' })
          return sees(operation, shown({ raw, content }))
        }),
      ),
  },
  {
    name: 'an unknown outcome has no error',
    breaks: 11,
    edits: (scene) => unsuccessful(scene).map((one) => endsWith(one, { error: undefined })),
  },
  ...['TypeError', 'ClosedError', 'CacheUnavailableError', 'error'].map((error): Corruption => ({
    name: `an operation fails with ${error}`,
    breaks: 11,
    edits: (scene) => unsuccessful(scene).map((one) => endsWith(one, { error })),
  })),
  {
    name: 'an operation fails though Postgres was not broken',
    breaks: 11,
    bounds: { nothingFails: true },
    edits: (scene) => unsuccessful(scene).map((one) => endsWith(one, { error: TYPED })),
  },
  {
    name: 'a read fails when all is quiet',
    breaks: 11,
    size: { endsQuietly: true },
    edits: ({ history: { operations, quietAt } }) =>
      operations
        .filter(({ kind, invokedAt }) => kind === 'read' && invokedAt >= quietAt)
        .map((read) => endsWith(read, { type: 'fail', error: TYPED, seen: undefined })),
  },
]

function unsuccessful({ history }: CorrectScene): readonly Operation[] {
  return history.operations.filter(({ error }) => error !== undefined)
}

function failed(scene: CorrectScene): readonly Operation[] {
  return unsuccessful(scene).filter(({ result }) => result === 'fail')
}

/** Reads show what such a text is to whoever logs it. */
function shows(what: { readonly raw: string }): Corruption['edits'] {
  return ({ sessions }) =>
    sessions.flatMap(({ reads }) => reads.map(({ operation }) => sees(operation, shown(what))))
}

function shown(what: { readonly raw: string; readonly content?: unknown }) {
  const { label, keys } = seenOf({ ...what, version: 1 })
  return { label, keys }
}
