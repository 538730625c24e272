import { SessionError } from 'holdfast/tokens'
import { z } from 'zod'

const email = z.string().min(3).max(254)

/** Who wants an account. A password's length is its strength (NIST SP 800-63B). */
export const registration = z.strictObject({
  email,
  password: z.string().min(12).max(128),
  name: z.string().trim().min(1).max(100).optional(),
})

/** Who wants in. What the password may be is not told here. */
export const credentials = z.strictObject({
  email,
  password: z.string().max(1024),

  /** What the list of sessions is to call this one. */
  device: z.string().trim().min(1).max(100).optional(),
})

export const refreshBody = z.strictObject({ refreshToken: z.string() })

/** What was sent, if it is as it should be. @throws SessionError that tells nothing of what was sent. */
export function parse<Value>(schema: z.ZodType<Value>, body: unknown): Value {
  const { success, data, error } = schema.safeParse(body)
  if (success) return data
  // Of what a client made up itself, not even the name is repeated.
  const names = error.issues.map(({ path }) => path.join('.') || 'the body')
  const message = `These are not as they should be: ${[...new Set(names)].join(', ')}`
  throw new SessionError('invalid-input', message)
}
