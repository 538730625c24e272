import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client.js'

/** Runs a Lua script with keys and arguments by their names; resolves with what it returned. */
export type Script<Key extends string, Arg extends string> = (
  client: Pick<RedisClient, 'eval' | 'evalsha'>,
  keys: Readonly<Record<Key, string>>,
  args: Readonly<Record<Arg, string>>,
) => Promise<unknown>

/** A Lua script, to which each key and argument is a local variable of its name. */
export interface ScriptDefinition<Key extends string, Arg extends string> {
  readonly keys: readonly Key[]
  readonly args: readonly Arg[]
  readonly source: string
}

/**
 * Makes a Lua script callable. It is sent by its digest, and as text only to a server that does not
 * know it (a new one, one that was restarted, or one whose scripts were flushed). The client is
 * left as it is: nothing is defined on it.
 */
export function defineScript<const Key extends string, const Arg extends string>(
  definition: ScriptDefinition<Key, Arg>,
): Script<Key, Arg> {
  const { keys: keyNames, args: argNames } = definition
  const text = `${locals('KEYS', keyNames)}${locals('ARGV', argNames)}${definition.source}`
  const sha1 = createHash('sha1').update(text).digest('hex')
  return async (client, keys, args) => {
    const values = [...keyNames.map((name) => keys[name]), ...argNames.map((name) => args[name])]
    try {
      return await client.evalsha(sha1, keyNames.length, ...values)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return client.eval(text, keyNames.length, ...values)
    }
  }
}

function locals(table: 'KEYS' | 'ARGV', names: readonly string[]): string {
  return names.map((name, index) => `local ${name} = ${table}[${index + 1}]\n`).join('')
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
