import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client'
import { initTRPC, TRPCError } from '@trpc/server'
import {
  authMiddleware,
  createTrpcContext,
  outageMiddleware,
  requireRole,
  type AuthenticatedContext,
  type ContextManager,
  type TrpcContext,
  type TrpcContextOptions,
  type User,
} from 'holdfast/users'
import { z } from 'zod'
import { openSessions } from '../../../../../src/index.js'
import { MemoryLedger } from '../../../../../src/ledgers/memory/memory-ledger.js'
import { ChaosLedger } from '../../../../../src/testing/chaos-ledger.js'
import type { TrpcServer } from './trpc-adapters.js'

const hour = 60 * 60 * 1000

/** Sessions of users over an engine, whose ledger can be told to fail; it counts who asks. */
export class CountingManager implements ContextManager {
  readonly ledger = new ChaosLedger(new MemoryLedger())
  readonly engine = openSessions({ ledger: this.ledger, sweepEvery: false })
  readonly #users = new Map<string, User>()
  lookups = 0

  /** Logs a new user in, and gives the id for the cookie. */
  async login(role: User['role'] = 'USER'): Promise<string> {
    const id = `user-${this.#users.size}`
    const sessionId = `session-of-${id}`
    const user = { id, email: `${id}@example.com`, role, hashedPassword: 'hash', isVerified: true }
    this.#users.set(id, { ...user, createdAt: new Date(), sessionEpoch: 0 })
    await this.engine.write(this.engine.idOf(sessionId)!, {
      content: { userId: id },
      ttl: hour,
      cursor: { base: 'new' },
    })
    return sessionId
  }

  async findBySessionId(sessionId: string): Promise<User | undefined> {
    this.lookups++
    const session = await this.engine.read(this.engine.idOf(sessionId)!)
    return this.#users.get(String(session?.content['userId']))
  }
}

const t = initTRPC.context<TrpcContext>().create()
const anybody = t.procedure.use(outageMiddleware)
const signedIn = t.procedure.use<AuthenticatedContext>(authMiddleware)
const admin = t.procedure.use<AuthenticatedContext>(requireRole('ADMIN'))

/** A router over these sessions. */
export function siteRouter({ engine }: CountingManager) {
  return t.router({
    state: t.procedure.query(({ ctx: { req, res, ...told } }) => ({
      ...told,
      message: told.getErrorMessage('UNAUTHORIZED'),
    })),
    // `ctx.user.id` and `ctx.sessionId.length` compile only because nobody is anonymous here.
    me: signedIn
      .input(z.number().optional())
      .query(({ ctx }) => ({ ...ctx.user, length: ctx.sessionId.length, state: ctx.authState })),
    count: signedIn.query(async () => (await engine.list()).length),
    countForAnybody: anybody.query(async () => (await engine.list()).length),
    onlyAdmins: admin.query(({ ctx }) => ctx.user.role),
    fail: signedIn.query((): never => {
      throw new TRPCError({ code: 'CONFLICT', message: 'As I said' })
    }),
    begin: t.procedure.input(z.string()).mutation(({ ctx, input }) => {
      ctx.setSessionCookie(input, 60)
    }),
    end: t.procedure.mutation(({ ctx }) => ctx.clearSessionCookie()),
  })
}

/** A visitor of the site, and what the last response was. */
export class Visitor {
  readonly api
  status = 0
  cookies: readonly string[] = []

  constructor(
    server: Pick<TrpcServer, 'url' | 'fetch'>,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    const ask = async (...[target, init]: Parameters<typeof fetch>): Promise<Response> => {
      const response = await server.fetch(target, init)
      this.status = response.status
      this.cookies = response.headers.getSetCookie()
      return response
    }
    const link = httpBatchLink({
      url: server.url,
      headers: () => this.headers,
      fetch: ask as never,
    })
    this.api = createTRPCClient<ReturnType<typeof siteRouter>>({ links: [link] })
  }
}

/** What a client is told of a failure. */
export async function failureOf(
  call: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof TRPCClientError)) throw new TypeError('It did not fail', { cause: error })
  const { message, data } = error as TRPCClientError<ReturnType<typeof siteRouter>>
  return { code: data?.code ?? '', message }
}

/** A context maker over these sessions. */
export function contextOf(manager: CountingManager, options: Partial<TrpcContextOptions> = {}) {
  return createTrpcContext({ manager, ...options })
}
