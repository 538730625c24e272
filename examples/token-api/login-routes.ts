import { Router } from 'express'
import type { Issued } from 'holdfast/tokens'
import { hashPassword, verifyPassword, type EngineUserManager, type User } from 'holdfast/users'
import { Refusal } from './errors.js'
import { credentials, parse, refreshBody, registration } from './inputs.js'
import type { Services } from './services.js'

/** Accounts, and how tokens come and go. */
export function loginRoutes({ users, tokens, loginLimit }: Services): Router {
  const router = Router()

  router.post('/register', async (req, res) => {
    const { password, ...user } = parse(registration, req.body)
    const created = await users.create({ ...user, hashedPassword: await hashPassword(password) })
    res.status(201).json({ id: created.id })
  })

  router.post('/login', async (req, res) => {
    const { email, password, device } = parse(credentials, req.body)
    const { ip = '' } = req
    await loginLimit.count({ email, ip })
    const user = await whoIs({ email, password }, users)
    if (!user) throw new Refusal(401, 'wrong-credentials', 'The address or the password is wrong')
    await loginLimit.forget({ email, ip })
    // Whoever belongs to no organization is one of their own.
    const { id, orgId = id, sessionEpoch } = user
    const login = await tokens.createSession(id, orgId, device, req.ip, { sessionEpoch })
    if (!login.success) throw login.error
    res.json(toAnswer(login))
  })

  // Who lost the answer may ask again within ten seconds, and is given the same pair.
  router.post('/refresh', async (req, res) => {
    const { refreshToken } = parse(refreshBody, req.body)
    const refreshed = await tokens.refreshSession(refreshToken, { ip: req.ip })
    if (!refreshed.success) throw refreshed.error
    res.json(toAnswer(refreshed))
  })

  // By the refresh token: who comes back after an hour has no access token that is good.
  router.post('/logout', async (req, res) => {
    const { refreshToken } = parse(refreshBody, req.body)
    const ended = await tokens.destroySession(refreshToken)
    if (!ended.success) throw ended.error
    res.status(204).end()
  })

  return router
}

/** Whose password this is. It takes as long for an address that nobody has as for a wrong password. */
async function whoIs(
  { email, password }: { readonly email: string; readonly password: string },
  manager: EngineUserManager,
): Promise<User | undefined> {
  const user = await manager.findByEmail(email)
  const { isValid, needsRehash } = await verifyPassword(password, user?.hashedPassword)
  if (!user?.hashedPassword || !isValid) return undefined
  if (needsRehash) {
    const change = { from: user.hashedPassword, to: await hashPassword(password) }
    await manager.users.replaceHashedPassword(user.id, change)
  }
  return user
}

function toAnswer({ token, expiresAt, refreshToken, session }: Issued) {
  return { token, expiresAt, refreshToken, session }
}
