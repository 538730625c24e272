import { z } from 'zod'

const email = z.string().min(3).max(254)

/** Who wants an account. A password's length is its strength (NIST SP 800-63B). */
export const registration = z.object({
  email,
  password: z.string().min(12).max(128),
  name: z.string().trim().min(1).max(100).optional(),
})

/** Who wants in. What the password may be is not told here. */
export const credentials = z.object({ email, password: z.string().max(1024) })

/** A session by its public id, as `sessions` lists it. */
export const publicId = z.object({ id: z.string().min(1).max(256) })
