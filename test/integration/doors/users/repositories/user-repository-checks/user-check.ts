import { randomUUID } from 'node:crypto'
import { InvalidUserError } from '../../../../../../src/doors/users/errors.js'
import type { UserRepository } from '../../../../../../src/doors/users/user-repository.js'

/** A repository without users, of the context `web`, beside what keeps sessions. */
export interface UserScene {
  readonly users: UserRepository

  /** Begins a session, for a day unless said otherwise. */
  begin(cookieId: string, userId: string, options?: BeginOptions): Promise<void>
  end(cookieId: string): Promise<void>
}

export interface BeginOptions {
  readonly context?: string
  /** ms */
  readonly ttl?: number
}

/** One promise of a repository of users, and how to see that it is kept. */
export interface UserCheck {
  /** The promise: a sentence in the present. */
  readonly name: string
  check(scene: UserScene): Promise<void>
}

/** Ten million characters. */
export const megabytes = 'a'.repeat(10_000_000)

/** An address of nobody else's. */
export function anEmail(): string {
  return `Ada.${randomUUID()}@Example.com`
}

/** Whether an error is about this field. */
export function isAbout(field: string): (error: unknown) => boolean {
  return (error) => error instanceof InvalidUserError && error.field === field
}
