import type { Store } from 'express-session'

/** Node's callback, without a result. */
export type Done = (error?: unknown) => void

/** What is asked of a contender over and over; `turn` counts up, so that it can choose a session by it. */
export type Operation = (turn: number, done: Done) => void

/** What may be asked of one. */
export type OperationName = 'read' | 'write' | 'touch' | 'validate'

/** One that takes part in a contest, ready to be asked. */
export interface Contender {
  readonly operations: Readonly<Partial<Record<OperationName, Operation>>>

  /** The store as it is now, for a web server. */
  readonly store?: () => Store

  /** Loads what such operations need, once. Default: nothing is. */
  prepare?(operation: OperationName): Promise<void>

  /** How many rows one operation is. Default: one. */
  readonly rows?: number

  /** Persists what is buffered, so that a round holds all of its work. Default: nothing is. */
  settle?(): Promise<void>
  close(): Promise<void>
}

/** Where a contender finds the servers of a run. */
export interface Place {
  readonly redisUrl: string
  readonly postgresUrl: string

  /** The folder of the generated Prisma client. */
  readonly prismaFolder: string

  /** How many sessions there are. */
  readonly sessions: number

  /** Whether they are there already. */
  readonly isSeeded: boolean
}
