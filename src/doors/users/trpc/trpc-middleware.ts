import { isOutage } from '../errors.js'
import type { TrpcContext } from './trpc-context.js'
import { trpcError } from './trpc-error.js'
import type { User, UserRole } from '../user.js'

/** The parts of a context that the middleware looks at; an application's own may have more. */
export type AuthContext = Pick<
  TrpcContext,
  'authState' | 'user' | 'sessionId' | 'publicId' | 'getErrorMessage'
>

/** What a procedure behind {@link authMiddleware} knows: somebody is logged in. */
export interface AuthenticatedContext {
  readonly authState: 'authenticated'
  readonly user: User
  readonly sessionId: string
}

/** What tRPC's `next()` comes to. */
export interface ProcedureOutcome {
  readonly ok: boolean
  readonly error?: { readonly cause?: unknown }
}

/** What tRPC hands to a middleware that says who is logged in. */
export interface AuthMiddlewareOptions<Result> {
  readonly ctx: AuthContext
  readonly next: (options: { ctx: AuthenticatedContext }) => Promise<Result>
}

/**
 * Lets in who is logged in: `t.procedure.use<AuthenticatedContext>(authMiddleware)`. Without the
 * type, `ctx.user` may be null to the compiler.
 *
 * @throws TRPCError `UNAUTHORIZED` to nobody in particular, and `SERVICE_UNAVAILABLE` where nobody
 * can tell; the latter also where the procedure fails by an outage.
 */
export async function authMiddleware<Result extends ProcedureOutcome>({
  ctx,
  next,
}: AuthMiddlewareOptions<Result>): Promise<Result> {
  return answered(ctx, await next({ ctx: await authenticated(ctx) }))
}

/**
 * As {@link authMiddleware}, for who has one of these roles:
 * `t.procedure.use<AuthenticatedContext>(requireRole('ADMIN'))`.
 *
 * @throws TRPCError `FORBIDDEN` to everybody else who is logged in.
 */
export function requireRole(
  ...roles: readonly [UserRole, ...UserRole[]]
): <Result extends ProcedureOutcome>(options: AuthMiddlewareOptions<Result>) => Promise<Result> {
  return async ({ ctx, next }) => {
    const known = await authenticated(ctx)
    if (!roles.includes(known.user.role)) {
      throw await trpcError('FORBIDDEN', { message: ctx.getErrorMessage('FORBIDDEN') })
    }
    return answered(ctx, await next({ ctx: known }))
  }
}

/**
 * Has a procedure that anybody may call, such as a login, answer an outage with
 * `SERVICE_UNAVAILABLE`: `t.procedure.use(outageMiddleware)`.
 */
export async function outageMiddleware<Result extends ProcedureOutcome>({
  ctx,
  next,
}: {
  readonly ctx: Pick<TrpcContext, 'getErrorMessage'>
  readonly next: () => Promise<Result>
}): Promise<Result> {
  return answered(ctx, await next())
}

async function authenticated(ctx: AuthContext): Promise<AuthenticatedContext> {
  const { authState, user, sessionId, getErrorMessage } = ctx
  if (authState === 'authenticated' && user && sessionId !== undefined) {
    return { authState, user, sessionId }
  }
  const code = authState === 'unavailable' ? 'SERVICE_UNAVAILABLE' : 'UNAUTHORIZED'
  throw await trpcError(code, { message: getErrorMessage(code) })
}

/** tRPC takes what a procedure throws for an error of its own, and its message for the visitor's. */
async function answered<Result extends ProcedureOutcome>(
  { getErrorMessage }: Pick<TrpcContext, 'getErrorMessage'>,
  result: Result,
): Promise<Result> {
  const cause = result.error?.cause
  if (result.ok || !isOutage(cause)) return result
  const code = 'SERVICE_UNAVAILABLE'
  throw await trpcError(code, { message: getErrorMessage(code), cause })
}
