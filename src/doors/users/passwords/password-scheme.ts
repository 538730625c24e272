/** One way to keep passwords. */
export interface PasswordScheme {
  /** What a hash of today's begins with: the scheme and its parameters. */
  readonly prefix: string

  hash(password: Buffer): Promise<string>
}

/** A hash, and what is said to be its password. */
export interface Claim {
  readonly password: Buffer
  readonly hash: string
}
