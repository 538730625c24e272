import { initTRPC, TRPCError } from '@trpc/server'
import {
  authMiddleware,
  EmailTakenError,
  InvalidUserError,
  LoginSupersededError,
  outageMiddleware,
  requireRole,
  UnknownUserError,
  type AuthenticatedContext,
  type TrpcContext,
} from 'holdfast/users'

/**
 * `isDev: false`: stack traces are for the console, never for a client, whatever `NODE_ENV` is. What
 * a client is told of a mistake of the program is that there was one.
 */
const t = initTRPC.context<TrpcContext>().create({
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) =>
    error.code === 'INTERNAL_SERVER_ERROR'
      ? { ...shape, message: ctx?.getErrorMessage(error.code) ?? error.code }
      : shape,
})

/** What holdfast refuses, as tRPC says it; what is not here is a mistake of the program. */
const refusals = [
  [EmailTakenError, 'CONFLICT'],
  [InvalidUserError, 'BAD_REQUEST'],
  [LoginSupersededError, 'UNAUTHORIZED'],
  [UnknownUserError, 'UNAUTHORIZED'],
] as const

const refusing = t.middleware(async ({ ctx, next }) => {
  const result = await next()
  const cause = result.ok ? undefined : result.error.cause
  const [, code] = refusals.find(([kind]) => cause instanceof kind) ?? []
  if (code === undefined) return result
  throw new TRPCError({ code, message: ctx.getErrorMessage(code), cause })
})

export const { router } = t

/** For anybody. Where the sessions are away it answers SERVICE_UNAVAILABLE. */
export const anybody = t.procedure.use(outageMiddleware).use(refusing)

/** For who is logged in: `ctx.user` is somebody. */
export const signedIn = anybody.use<AuthenticatedContext>(authMiddleware)

/** For administrators. */
export const admin = anybody.use<AuthenticatedContext>(requireRole('ADMIN'))
