import type * as Argon2 from '@node-rs/argon2'
import { UsersUnavailableError } from '../errors.js'
import type { Claim, PasswordScheme } from './password-scheme.js'

/** OWASP Password Storage Cheat Sheet, 2025. Memory is in KiB. */
const TODAY = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const

const PREFIX = `$argon2id$v=19$m=${TODAY.memoryCost},t=${TODAY.timeCost},p=${TODAY.parallelism}$`

/** For hashes of elsewhere: a row in the table can not take the memory of the server. */
const MOST = { memoryCost: 262_144, timeCost: 16, parallelism: 16 } as const

/** argon2id, where `@node-rs/argon2` is installed and runs; or `undefined`. */
export async function argon2Scheme(): Promise<PasswordScheme | undefined> {
  const loaded = await load()
  if ('problem' in loaded) return undefined
  const { hash } = loaded.argon2
  return { prefix: PREFIX, hash: (password) => hash(password, TODAY) }
}

/**
 * Whether it is the password, or `undefined` where the hash is none of argon2 that may be computed.
 *
 * @throws {@link UsersUnavailableError} where it is one, and `@node-rs/argon2` is not there: nobody
 * can tell.
 */
export async function verifyArgon2({ password, hash }: Claim): Promise<boolean | undefined> {
  if (!isComputed(hash)) return undefined
  const loaded = await load()
  if ('problem' in loaded) throw new UsersUnavailableError('verify', loaded.problem)
  return loaded.argon2.verify(hash, password).catch(() => undefined)
}

function isComputed(hash: string): boolean {
  const groups = PATTERN.exec(hash)?.groups
  return (
    groups !== undefined &&
    Number(groups['m']) <= MOST.memoryCost &&
    Number(groups['t']) <= MOST.timeCost &&
    Number(groups['p']) <= MOST.parallelism
  )
}

const PATTERN =
  /^\$argon2(?:id|i|d)\$v=(?:16|19)\$m=(?<m>\d{1,7}),t=(?<t>\d{1,3}),p=(?<p>\d{1,3})\$[A-Za-z0-9+/]{11,64}\$[A-Za-z0-9+/]{22,86}$/

type Loaded = { readonly argon2: typeof Argon2 } | { readonly problem: unknown }

let loading: Promise<Loaded> | undefined

/** Once a process: one that has begun with scrypt goes on with it. */
function load(): Promise<Loaded> {
  loading ??= loadOnce()
  return loading
}

async function loadOnce(): Promise<Loaded> {
  try {
    return { argon2: await import('@node-rs/argon2') }
  } catch (problem) {
    return { problem }
  }
}
