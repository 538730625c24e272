import { setTimeout as delay } from 'node:timers/promises'
import { Client } from 'pg'
import { eventually } from '../scene/eventually.js'
import type { Fault } from './scenario.js'
import type { Stage } from './stage.js'

/** What is noted each time that {@link cancelledAgain} hits a statement. */
export const CANCELLED = 'a statement of postgres cancelled'

/** What is noted when the ledger holds its copy again, and no more. */
export const RESTORED = 'postgres holds an older copy'

const OURS = 'chaos-coordinator'
const ROWS_LOCKED = 12
const CANCELS = 4
const QUIET_ROUNDS = 3
const BETWEEN_CANCELS = 12

/** Somebody else takes all connections, those of the workers too: nobody gets another one. */
export function exhausted(): Fault {
  const taken: Client[] = []
  return {
    name: 'connections of postgres exhausted',
    async begin({ databaseUrl }) {
      const first = await connect(databaseUrl)
      taken.push(first)
      let quietRounds = 0
      await eventually(async () => {
        const more = await connectAll(databaseUrl)
        taken.push(...more)
        const { rowCount } = await first.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where backend_type = 'client backend' and application_name <> '${OURS}'`,
        )
        // A connection that ends counts for a moment longer, and leaves a place to the first who asks.
        quietRounds = rowCount === 0 && more.length === 0 ? quietRounds + 1 : 0
        return quietRounds === QUIET_ROUNDS
      })
    },
    async end() {
      await Promise.all(taken.splice(0).map((client) => client.end()))
    },
  }
}

/** Statements that wait for a row which somebody holds are cancelled, again and again. */
export function cancelledAgain(rest: number): Fault {
  let isOver = false
  let cancelling: Promise<void> | undefined
  return {
    name: 'statements of postgres cancelled again and again',
    begin(stage) {
      isOver = false
      cancelling = withClients(stage, 2, async ([holder, canceller]) => {
        while (!isOver) {
          await holder!.query('begin')
          await holder!.query(
            `select from sessions where "sessionId" in
              (select "sessionId" from sessions where "revokedAt" is null
                order by random() limit ${ROWS_LOCKED})
              order by "sessionId" for update`,
          )
          await cancelWaiting(stage, { canceller: canceller!, isOver: () => isOver })
          await holder!.query('commit')
          await delay(rest)
        }
      })
    },
    async end() {
      isOver = true
      await cancelling
    },
  }
}

/** Remembers what the ledger holds, for {@link restored}. */
export function copied(): Fault {
  return {
    name: 'postgres copied',
    async begin(stage) {
      await stage.query('create table copied_sessions as select * from sessions')
    },
  }
}

/** The ledger holds what it held when it was {@link copied}, as after a failover to a replica that lagged. */
export function restored(): Fault {
  return {
    name: 'postgres restored',
    begin: (stage) =>
      withClients(stage, 1, async ([client]) => {
        await client!.query('begin')
        await client!.query('lock table sessions in access exclusive mode')
        const { rowCount } = await client!.query(
          `select from sessions s left join copied_sessions c using ("sessionId")
            where s.version is distinct from c.version`,
        )
        if (!rowCount) throw new Error('Nothing was committed since the copy')
        await client!.query('delete from sessions')
        await client!.query('insert into sessions select * from copied_sessions')
        await client!.query('commit')
        stage.note(RESTORED)
      }),
  }
}

/** A few times, and until somebody has waited. */
async function cancelWaiting(
  stage: Stage,
  { canceller, isOver }: { readonly canceller: Client; readonly isOver: () => boolean },
): Promise<void> {
  let hits = 0
  for (let time = 0; time < CANCELS || (hits === 0 && !isOver()); time++) {
    await delay(BETWEEN_CANCELS)
    const { rows } = await canceller.query<{ hit: boolean }>(
      `select pg_cancel_backend(pid) as hit from pg_stat_activity
        where datname = current_database() and application_name <> '${OURS}' and wait_event_type = 'Lock'`,
    )
    for (const { hit } of rows) {
      if (!hit) continue
      stage.note(CANCELLED)
      hits++
    }
  }
}

/** As many connections as there are left. */
async function connectAll(databaseUrl: string): Promise<Client[]> {
  const taken: Client[] = []
  for (;;) {
    try {
      taken.push(await connect(databaseUrl))
    } catch {
      return taken
    }
  }
}

async function withClients(
  { databaseUrl }: Stage,
  count: number,
  task: (clients: readonly Client[]) => Promise<void>,
): Promise<void> {
  const clients = await Promise.all(Array.from({ length: count }, () => connect(databaseUrl)))
  try {
    await task(clients)
  } finally {
    await Promise.all(clients.map((client) => client.end()))
  }
}

async function connect(databaseUrl: string): Promise<Client> {
  const client = new Client({ connectionString: databaseUrl, application_name: OURS })
  client.on('error', () => {})
  await client.connect()
  return client
}
