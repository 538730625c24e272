import { StartError } from './start-error.js'

/** What the environment decides, but for the storage: `UserManagerFactory` reads that itself. */
export interface Settings {
  readonly isProduction: boolean

  /** 0 for any that is free. */
  readonly port: number

  /** How many proxies are in front. */
  readonly proxies: number
}

/**
 * Reads the environment.
 *
 * @throws StartError that names the variable.
 */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  return {
    isProduction: env['NODE_ENV'] === 'production',
    port: readNumber('PORT', { unless: 3001, most: 65_535 }, env['PORT']),
    proxies: readNumber('TRUST_PROXY', { unless: 0, most: 10 }, env['TRUST_PROXY']),
  }
}

function readNumber(
  name: string,
  { unless, most }: { readonly unless: number; readonly most: number },
  text = '',
): number {
  const number = Number(text.trim() || unless)
  if (Number.isInteger(number) && number >= 0 && number <= most) return number
  throw new StartError(`${name} must be a number from 0 to ${most}`)
}
