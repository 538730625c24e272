import type { EventHub } from '../core/events.js'
import type { Logger } from '../core/logger.js'

/**
 * Reports events to the logger: what somebody should look at as a warning, the rest as information.
 */
export function logEvents(events: EventHub, logger: Logger): void {
  events.on('ledger-failure', ({ error }) => {
    logger.error({ err: error }, error.message)
  })
  events.on('cache-failure', ({ error }) => {
    logger.warn({ err: error }, error.message)
  })
  events.on('cache-state', (state) => {
    logger.warn(state, `The ${state.cache} cache's circuit breaker is ${state.state}`)
  })
  events.on('corrupt-record', (record) => {
    logger.error(record, 'A stored session is damaged, and counts as absent')
  })
  events.on('background-failure', ({ task, error }) => {
    logger.warn({ task, err: error }, `A background task failed: ${task}`)
  })
  events.on('token.theft', (theft) => {
    logger.warn(theft, 'A refresh token was used again: its session was ended')
  })
  events.on('revoked', (session) => {
    logger.info(session, 'A session was ended')
  })
  events.on('conflict', (conflict) => {
    logger.info(conflict, 'Two requests changed one session')
  })
  events.on('write-after-destroy', (write) => {
    logger.info(write, 'A session was saved after it had ended; nothing was written')
  })
  events.on('repaired', (repair) => {
    logger.info(repair, 'The cache was told what it had missed')
  })
  events.on('swept', (sweep) => {
    logger.debug(sweep, 'Expired sessions were swept')
  })
}
