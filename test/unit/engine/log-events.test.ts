import { describe, expect, it } from '@jest/globals'
import { CacheUnavailableError, LedgerUnavailableError } from '../../../src/core/errors.js'
import { EventHub, type SessionEventName, type SessionEvents } from '../../../src/core/events.js'
import { logEvents } from '../../../src/engine/log-events.js'

const cause = new Error('of the driver')
const failedCache = new CacheUnavailableError('redis', 'read', cause)
const failedLedger = new LedgerUnavailableError('postgres', 'read', cause)

/** Logs one event. */
function log<Name extends SessionEventName>(name: Name, event: SessionEvents[Name]): unknown[] {
  const logged: unknown[] = []
  const at = (level: string) => (fields: object, message: string) => {
    logged.push([level, fields, message])
  }
  const events = new EventHub(() => undefined)
  logEvents(events, {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug: at('debug'),
  })
  events.emit(name, event)
  return logged
}

describe('the log', () => {
  it.each([
    ['error', () => log('ledger-failure', { error: failedLedger })],
    ['warn', () => log('cache-failure', { error: failedCache })],
    ['warn', () => log('cache-state', { cache: 'redis', state: 'open' })],
    ['error', () => log('corrupt-record', { id: 'public', tier: 'redis', problem: 'cut' })],
    ['warn', () => log('background-failure', { task: 'sweep', error: cause })],
    ['warn', () => log('token.theft', { id: 'public', userId: 'ada', generation: 1, newest: 3 })],
    ['info', () => log('revoked', { id: 'public', reason: 'user' })],
    ['info', () => log('conflict', { id: 'public', keys: ['cart'], dropped: false })],
    ['info', () => log('write-after-destroy', { id: 'public' })],
    ['info', () => log('repaired', { sessions: 2 })],
    ['debug', () => log('swept', { removed: 1, busy: false, duration: 2 })],
  ])('is at the level %s, once, with fields and a message', (level, act) => {
    expect(act()).toEqual([[level, expect.any(Object), expect.stringMatching(/^\w.{8,}/)]])
  })

  it('holds the error where there is one', () => {
    expect(log('cache-failure', { error: failedCache })).toEqual([
      ['warn', { err: failedCache }, 'The redis cache could not read'],
    ])
  })
})
