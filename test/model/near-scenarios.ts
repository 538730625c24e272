import * as actors from './actors.js'
import { writer } from './actors.js'
import type { Scenario } from './scenarios.js'

const { destroyer, evictor, restarter } = actors
const near = { hasNear: true }
const stalls = 0.1
const user = actors.user('a', near)

/** What the protocol stands where processes keep copies of their own. */
export const nearScenarios = {
  near: {
    name: 'processes that keep copies of their own',
    starts: 'committed',
    cast: [writer('b', { times: 3 }), user, actors.poller({ ...near, stalls }), evictor],
  },
  nearStalled: {
    name: 'a process that stands still while it reads what it will keep',
    starts: 'uncached',
    cast: [writer('b'), actors.poller({ ...near, stalls: 0.3 }), actors.lateLease],
  },
  nearAndDestroy: {
    name: 'a destroy among processes that keep copies of their own',
    starts: 'committed',
    cast: [writer('b'), actors.leaver(near), actors.poller({ ...near, stalls }), evictor],
  },
  nearMissesMessages: {
    name: 'a subscription that is lost, and noticed late',
    starts: 'committed',
    cast: [writer('b', { times: 3 }), destroyer, actors.deafPoller({ ...near, stalls })],
  },
  nearAndRestart: {
    name: 'copies of their own while the cache restarts and takes every subscription with it',
    starts: 'committed',
    cast: [writer('b', { times: 2 }), user, actors.deafPoller({ ...near, stalls }), restarter],
  },
} satisfies Record<string, Scenario>
