import { isIP } from 'node:net'
import { z } from 'zod'
import type { Check } from '../../core/options.js'
import { SessionError } from './errors.js'
import type { Permission } from './permissions.js'

/** What ids of users and organizations are checked with. */
export type IdSchema = z.ZodType<string, string>

/** {@link IdSchema}, of whatever copy of zod 4. */
export const anIdSchema: Check = (value) =>
  value instanceof z.core.$ZodType ? undefined : 'must be a schema of zod 4'

const MOST_TOKEN = 8_192
const MOST_ID = 255

/** An IPv6 address, and its zone (RFC 4007). */
const MOST_ADDRESS = 64
const SEGMENT = '[a-z][a-z0-9_-]{0,63}'

const tokenInput = z.object({ token: z.string({ error: 'must be a token, as text' }) })
const publicId = z.string().regex(/^[\w-]{43}$/, { error: 'must be the public id of a session' })
const noAddress = 'must be an IP address'
const ipAddress = z
  .string({ error: noAddress })
  .max(MOST_ADDRESS, { error: noAddress, abort: true })
  .refine((text) => isIP(text) !== 0, { error: noAddress })
const permission = z
  .string({ error: 'must be a permission' })
  .regex(new RegExp(`^${SEGMENT}:${SEGMENT}$`), { error: 'must be verb:noun, as read:users' })
  .transform((text) => text as Permission)
const permissionInput = z.object({ permission })
const sessionEpoch = z.int().nonnegative().optional()
const listing = z.strictObject(
  { userId: z.string().min(1).max(MOST_ID).optional() },
  { error: 'must be { userId }' },
)

/** The checks of all that a {@link SessionManager} is given. Nothing that was given is told. */
export class Inputs {
  readonly #begin
  readonly #owner

  constructor(id: IdSchema = z.uuid()) {
    const anId = z.string().min(1).max(MOST_ID)
    // What a schema makes of an id is no longer either.
    const bounded = anId.pipe(id).pipe(anId)
    this.#begin = z.object({
      userId: bounded,
      orgId: bounded,
      deviceId: z.string().min(1).max(MOST_ID).optional(),
      ipAddress: ipAddress.optional(),
      options: z.strictObject({ sessionEpoch }, { error: 'must be { sessionEpoch }' }).optional(),
    })
    const options = z.strictObject({ except: publicId.optional() }, { error: 'must be { except }' })
    this.#owner = z.object({ userId: bounded, options })
  }

  /** @throws {@link SessionError} of the type VALIDATION_ERROR */
  begin(input: unknown): Beginning {
    return check(this.#begin, input)
  }

  /** @throws {@link SessionError} of the type VALIDATION_ERROR */
  owner(input: unknown): { userId: string; options: { except?: string | undefined } } {
    return check(this.#owner, input)
  }
}

/** Whose session is to begin, and where. */
export interface Beginning {
  readonly userId: string
  readonly orgId: string
  readonly deviceId?: string | undefined
  readonly ipAddress?: string | undefined
  readonly options?: { readonly sessionEpoch?: number | undefined } | undefined
}

/**
 * @throws {@link SessionError} of the type VALIDATION_ERROR for what is no text, TOKEN_ERROR for a text
 * that is none of ours.
 */
export function checkToken(input: unknown): string {
  // What nearly always comes needs no schema to be told.
  const text = typeof input === 'string' ? input : check(tokenInput, { token: input }).token
  if (text !== '' && text.length <= MOST_TOKEN) return text
  throw new SessionError('invalid-token', 'The token is empty, or longer than any')
}

/** @throws {@link SessionError} of the type VALIDATION_ERROR */
export function checkPermissionName(input: unknown): Permission {
  return check(permissionInput, { permission: input }).permission
}

/** Ids of other doors' users are listed too. @throws {@link SessionError} of the type VALIDATION_ERROR */
export function checkListing(input: unknown): { userId?: string | undefined } {
  return check(listing, input)
}

/** Who asks, as far as it is told. An address that is none counts as none: it comes with a request. */
export function addressOf(visitor: unknown): string | undefined {
  const { ip } = Object(visitor) as { readonly ip?: unknown }
  return ip === undefined ? undefined : ipAddress.safeParse(ip).data
}

function check<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const { success, data, error } = schema.safeParse(input)
  if (success) return data
  const problems = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new SessionError('invalid-input', `What was given is malformed: ${problems.join('; ')}`)
}
