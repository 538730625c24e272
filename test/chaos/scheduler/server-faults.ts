import type { Fault } from './scenario.js'

/** A server, by the name that it has on stage. */
export type ServerName = 'redis' | 'postgres'

/** A server is killed, and started again on what it holds: Redis on nothing. */
export function killed(server: ServerName): Fault {
  return {
    name: `${server} killed`,
    begin: ({ servers }) => servers[server].kill(),
    end: ({ servers }) => servers[server].restart(),
  }
}

/** A server answers nothing, and later all that it was asked. */
export function frozen(server: ServerName): Fault {
  return {
    name: `${server} frozen`,
    begin: ({ servers }) => servers[server].freeze(),
    end: ({ servers }) => servers[server].thaw(),
  }
}

/** Redis forgets everything. */
export function flushed(): Fault {
  return {
    name: 'redis flushed',
    async begin({ servers }) {
      await servers.admin.flushall()
    },
  }
}

/** A worker is killed, and another one takes its place. */
export function workerKilled(worker: number): Fault {
  return {
    name: `worker ${worker} killed`,
    begin: (stage) => stage.kill(stage.workers[worker]!),
    end: (stage) => stage.replace(stage.workers[worker]!),
  }
}

/** A worker stands still, and goes on. */
export function workerFrozen(worker: number): Fault {
  return {
    name: `worker ${worker} frozen`,
    begin: ({ workers }) => workers[worker]!.process.kill('SIGSTOP'),
    end: ({ workers }) => workers[worker]!.process.kill('SIGCONT'),
  }
}

/** Redis has no room for anything more, and says so. */
export function outOfMemory(): Fault {
  return limited('redis out of memory', '1', 'noeviction')
}

/** Redis has little room, and throws out what was not used for long. */
export function evicting(): Fault {
  return limited('redis evicting', '1500kb', 'allkeys-lru')
}

/** Redis ends the connections of all subscribers, once. */
export function subscribersKilled(): Fault {
  return {
    name: 'subscribers of redis killed',
    async begin({ servers }) {
      await servers.admin.call('CLIENT', 'KILL', 'TYPE', 'pubsub')
    },
  }
}

/** Postgres cancels the statements that are under way, once. */
export function statementsCancelled(): Fault {
  return toBackends('statements of postgres cancelled', 'pg_cancel_backend')
}

/** Postgres ends the connections that there are, once. */
export function connectionsTerminated(): Fault {
  return toBackends('connections of postgres terminated', 'pg_terminate_backend')
}

function limited(name: string, maxmemory: string, policy: string): Fault {
  return {
    name,
    async begin({ servers: { admin } }) {
      await admin.config('SET', 'maxmemory-policy', policy)
      await admin.config('SET', 'maxmemory', maxmemory)
    },
    async end({ servers: { admin } }) {
      await admin.config('SET', 'maxmemory', '0')
    },
  }
}

function toBackends(name: string, what: string): Fault {
  return {
    name,
    async begin(stage) {
      await stage.query(
        `select ${what}(pid) from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()`,
      )
    },
  }
}
