import { TRPCError } from '@trpc/server'
import { hashPassword, type User, type UserManagerInterface } from 'holdfast/users'
import { credentials, publicId, registration } from './inputs.js'
import { admin, anybody, router, signedIn } from './trpc.js'

/** The API: accounts, and the sessions of whoever is logged in. */
export function createRouter(users: UserManagerInterface) {
  return router({
    register: anybody.input(registration).mutation(async ({ input }) => {
      const { password, ...user } = input
      return toView(await users.create({ ...user, hashedPassword: await hashPassword(password) }))
    }),

    // It takes as long for an address that nobody has as for a wrong password.
    login: anybody.input(credentials).mutation(async ({ ctx, input }) => {
      const { ip = '', userAgent } = ctx
      const login = await users.login({ ...input, ip, userAgent })
      if (!login) {
        const message = 'The address or the password is wrong'
        throw new TRPCError({ code: 'UNAUTHORIZED', message })
      }
      // The new session is there before the old one ends: an outage leaves the visitor with one.
      ctx.setSessionCookie(login.sessionId)
      if (ctx.sessionId !== undefined) await users.deleteSession(ctx.sessionId)
      return toView(login.user)
    }),

    me: signedIn.query(({ ctx }) => toView(ctx.user)),

    sessions: signedIn.query(({ ctx }) => users.listSessions(ctx.user.id, ctx.sessionId)),

    revoke: signedIn.input(publicId).mutation(async ({ ctx, input }) => {
      if (await users.revokeSession(ctx.user.id, input.id)) return
      throw new TRPCError({ code: 'NOT_FOUND', message: ctx.getErrorMessage('NOT_FOUND') })
    }),

    revokeOthers: signedIn.mutation(({ ctx }) =>
      users.revokeOtherSessions(ctx.user.id, ctx.sessionId),
    ),

    // First the session, then the cookie: a browser that kept it would hold an id that is worth nothing.
    logout: anybody.mutation(async ({ ctx }) => {
      if (ctx.sessionId !== undefined) await users.deleteSession(ctx.sessionId)
      ctx.clearSessionCookie()
    }),

    countUsers: admin.query(() => users.count()),
  })
}

/** What a client, and its types, know of the API. */
export type AppRouter = ReturnType<typeof createRouter>

/** A user as a client may see one. */
function toView({ id, email, name, role }: User) {
  return { id, email, name, role }
}
