import type { Client } from 'pg'

/** Waits until a connection waits for a lock that this client holds. */
export async function waitUntilBlocked(client: Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))',
    )
    if (rows.length > 0) return
  }
}
