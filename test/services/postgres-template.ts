import { chown, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initialise, unprivilegedAccount } from './postgres-folder.ts'
import { Watchdog } from './watchdog.ts'

/** A data folder that each Postgres of a run begins with a copy of: that takes a tenth of the time of `initdb`. */
export interface PostgresTemplate {
  readonly folder: string

  /** Removes it; it is removed when this process is gone at the latest. */
  stop(): Promise<void>
}

/** Makes a data folder once, for `TEST_POSTGRES_TEMPLATE`. */
export async function makePostgresTemplate(): Promise<PostgresTemplate> {
  const account = unprivilegedAccount()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
  const watchdog = new Watchdog(folder)
  if (account) await chown(folder, account.uid, account.gid)
  await initialise(folder, account)
  return { folder, stop: () => watchdog.release() }
}
