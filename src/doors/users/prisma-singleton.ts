import { createRequire } from 'node:module'
import { env } from 'node:process'
import { identityOf } from '../../core/identity.js'
import { processWide } from '../../core/process-wide.js'
import { statementNameGenerator } from '../../drivers/postgres/statement-names.js'
import { SESSION_CONSTANTS } from './constants.js'
import { checkDatabaseUrl } from './environment.js'
import { EnvironmentError } from './errors.js'

/** The part of a Prisma client that is used here; name your own client's type for all of it. */
export interface PrismaClientLike {
  $queryRawUnsafe(text: string, ...params: unknown[]): PromiseLike<unknown>
  $disconnect(): Promise<void>
}

/** What a Prisma client is made with. */
export interface PrismaClientConfig<Client extends PrismaClientLike = PrismaClientLike> {
  /** Default: `DATABASE_URL`. A `?schema=` in it is where Prisma's own queries go. */
  readonly databaseUrl?: string | undefined

  /** Connections of its pool. Default: `SESSION_CONSTANTS.DATABASE.MAX_CONNECTIONS`. */
  readonly maxConnections?: number | undefined

  /** How long a query waits for one, ms. Default: `SESSION_CONSTANTS.DATABASE.CONNECTION_TIMEOUT`. */
  readonly connectionTimeout?: number | undefined

  /**
   * Makes the client, where it is not the one that `@prisma/client` exports: one that was generated
   * into the project, or extended. Default: that one, over `@prisma/adapter-pg`.
   */
  readonly createClient?: ((databaseUrl: string) => Client) | undefined
}

interface Shared {
  readonly client: PrismaClientLike
  holders: number
}

/**
 * The one client of this configuration, made at the first call; each call is one holder more, who
 * gives it back with {@link closePrismaClient}. It survives a reload of this module.
 *
 * @throws {@link EnvironmentError} without a URL of Postgres, or where `@prisma/client` is not
 * installed or not generated.
 */
export function getPrismaClient<Client extends PrismaClientLike = PrismaClientLike>(
  config: PrismaClientConfig<Client> = {},
): Client {
  const key = keyOf(config)
  const shared = clients.get(key) ?? { client: create(config), holders: 0 }
  shared.holders += 1
  clients.set(key, shared)
  return shared.client as Client
}

/**
 * Gives a client back: the last holder's call closes its connections. It may be asked for again.
 * What nobody holds is closed already.
 */
export async function closePrismaClient(config: PrismaClientConfig = {}): Promise<void> {
  const key = keyOf(config)
  const shared = clients.get(key)
  if (!shared) return
  shared.holders -= 1
  if (shared.holders > 0) return
  clients.delete(key)
  await shared.client.$disconnect()
}

const clients = processWide('prisma-clients', () => new Map<string, Shared>())

/** By who makes it too: two ways to make a client are two clients. */
function keyOf(config: PrismaClientConfig): string {
  const { createClient } = config
  const maker = createClient ? identityOf(createClient) : 0
  const { maxConnections, connectionTimeout } = limitsOf(config)
  return JSON.stringify([databaseUrlOf(config), maxConnections, connectionTimeout, maker])
}

function databaseUrlOf({ databaseUrl }: PrismaClientConfig): string {
  const url = databaseUrl ?? env['DATABASE_URL']?.trim()
  if (!url) throw new EnvironmentError('DATABASE_URL', 'is not set')
  checkDatabaseUrl(url)
  return url
}

function limitsOf({ maxConnections, connectionTimeout }: PrismaClientConfig) {
  const { MAX_CONNECTIONS, CONNECTION_TIMEOUT } = SESSION_CONSTANTS.DATABASE
  return {
    maxConnections: maxConnections ?? MAX_CONNECTIONS,
    connectionTimeout: connectionTimeout ?? CONNECTION_TIMEOUT,
  }
}

function create(config: PrismaClientConfig): PrismaClientLike {
  const url = databaseUrlOf(config)
  if (config.createClient) return config.createClient(url)
  const { maxConnections, connectionTimeout } = limitsOf(config)
  const { PrismaClient, PrismaPg } = load()
  const pool = {
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: connectionTimeout,
    // A program that has done its work ends, with the client open or not.
    allowExitOnIdle: true,
  }
  const schema = new URL(url).searchParams.get('schema') ?? undefined
  return new PrismaClient({ adapter: new PrismaPg(pool, { schema, statementNameGenerator }) })
}

interface PrismaPackages {
  readonly PrismaClient: new (options: { adapter: unknown }) => PrismaClientLike
  readonly PrismaPg: new (pool: object, options: object) => unknown
}

/** Both are the application's own; whoever brings a client of their own needs neither here. */
function load(): PrismaPackages {
  const require = createRequire(__filename)
  try {
    const client = require('@prisma/client') as Pick<PrismaPackages, 'PrismaClient'>
    const adapter = require('@prisma/adapter-pg') as Pick<PrismaPackages, 'PrismaPg'>
    return { PrismaClient: client.PrismaClient, PrismaPg: adapter.PrismaPg }
  } catch (cause) {
    throw Object.assign(new EnvironmentError('DATABASE_URL', NOT_INSTALLED), { cause })
  }
}

const NOT_INSTALLED =
  'needs @prisma/client and @prisma/adapter-pg (npm install them, npx prisma generate), or createClient'
