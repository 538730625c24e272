import { InvalidOptionError } from '../../../core/errors.js'
import { processWide } from '../../../core/process-wide.js'
import type { SessionSummary } from '../../../core/record.js'
import type { Context } from '../../../core/session-id.js'
import type { SessionEngine } from '../../../engine/session-engine.js'
import { openSessions } from '../../../open-sessions.js'
import { EngineSessionAdapter } from './engine-session-adapter.js'
import { getEnvironment } from '../environment.js'

/** The options of {@link MemorySessionAdapter}. */
export interface MemorySessionAdapterOptions {
  /** Whose sessions they are. Default: `'web'`. */
  readonly context?: Context | undefined
}

/**
 * Sessions in this process's memory, for development: all adapters of a context share them, also
 * after a hot reload, and they end with the process.
 */
export class MemorySessionAdapter extends EngineSessionAdapter {
  readonly #context: Context

  /** @throws {@link InvalidOptionError} in production, and for a context that can not be one. */
  constructor({ context = 'web' }: MemorySessionAdapterOptions = {}) {
    if (getEnvironment() === 'production') {
      throw new InvalidOptionError(
        'ledger',
        'can not be memory in production: it ends with the process',
      )
    }
    super(engineOf(context))
    this.#context = context
  }

  /** The key of each session: `session:<context>:<public id>`, as Redis would have it. */
  async keys(): Promise<string[]> {
    return (await this.dump()).map(({ id }) => `session:${this.#context}:${id}`)
  }

  /** How many sessions there are. */
  async size(): Promise<number> {
    return (await this.engine.stats()).active
  }

  /** Each session as lists show it: nothing by which it could be taken over. */
  async dump(): Promise<SessionSummary[]> {
    const sessions: SessionSummary[] = []
    for await (const session of this.engine.summaries()) sessions.push(session)
    return sessions
  }

  /** Ends all sessions of this context, and answers how many there were. */
  clear(): Promise<number> {
    return this.engine.removeAll()
  }

  /** Does nothing: other adapters share what is there. */
  override async close(): Promise<void> {}
}

const engines = processWide('memory-sessions', () => new Map<Context, SessionEngine>())

function engineOf(context: Context): SessionEngine {
  const engine = engines.get(context) ?? openSessions({ ledger: 'memory', context })
  engines.set(context, engine)
  return engine
}
