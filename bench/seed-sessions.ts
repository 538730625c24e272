import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Client } from 'pg'
import { sampleSession } from './contestants/sample-session.ts'

const MIGRATIONS = join(import.meta.dirname, '../../prisma/migrations')

/**
 * Makes Holdfast's tables, and fills them without going through a store: live sessions of the ids
 * that `sampleId` gives, and some that have expired.
 */
export async function seedSessions(
  postgresUrl: string,
  { live = 0, expired = 0 }: { readonly live?: number; readonly expired?: number },
): Promise<void> {
  const client = new Client({ connectionString: postgresUrl })
  await client.connect()
  try {
    for (const name of (await readdir(MIGRATIONS)).sort()) {
      if (!name.includes('.')) {
        await client.query(await readFile(join(MIGRATIONS, name, 'migration.sql'), 'utf8'))
      }
    }
    const data = JSON.stringify(sampleSession(0))
    await client.query(INSERT, ['bench-session-', live, data, 24])
    await client.query(INSERT, ['bench-expired-', expired, data, -24])
    await client.query('vacuum analyze')
    await client.query('checkpoint')
  } finally {
    await client.end()
  }
}

const INSERT = `
insert into sessions ("sessionId", context, version, "writeId", data, "userId", "createdAt", "updatedAt", "expiresAt", "expiryHour")
select translate(rtrim(encode(sha256(convert_to('web:' || $1 || lpad(n::text, 18, '0'), 'UTF8')), 'base64'), '='), '+/', '-_'),
       'web', 1, gen_random_uuid(), $3, 'user-' || n, now, now, now + $4 * interval '1 hour',
       floor(date_part('epoch', now + $4 * interval '1 hour') / 3600)::int
  from generate_series(0, $2::int - 1) n, (select timezone('utc', now())::timestamp(3) as now) clock
on conflict do nothing`
