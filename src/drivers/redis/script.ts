import { createHash } from 'node:crypto'
import type { RedisClient } from './redis-client.js'

/** Runs a Lua script with keys and arguments by their names; resolves with what it returned. */
export type Script<Key extends string, Arg extends string> = (
  client: ScriptClient,
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
  const send = sender(`${locals('KEYS', keyNames)}${locals('ARGV', argNames)}${definition.source}`)
  return (client, keys, args) => {
    const values = [...keyNames.map((name) => keys[name]), ...argNames.map((name) => args[name])]
    return send(client, keyNames.length, values)
  }
}

/** A Lua script that does one thing for each of several keys. */
export interface EachScriptDefinition<Shared extends string, Arg extends string> {
  /** The arguments that all keys share. */
  readonly shared: readonly Shared[]

  /** The variable that holds the key which it is done for. */
  readonly key: string

  /** The arguments of each key. */
  readonly args: readonly Arg[]

  /** What is done first, once. */
  readonly before: string

  /** What is done for each key; it returns what came of that. */
  readonly source: string
}

/** What {@link EachScript} is asked for one key. */
export interface EachEntry<Arg extends string> {
  readonly key: string
  readonly args: Readonly<Record<Arg, string>>
}

/** Resolves with what came of each entry, in their order: an Error where it failed, for it alone. */
export type EachScript<Shared extends string, Arg extends string> = (
  client: ScriptClient,
  shared: Readonly<Record<Shared, string>>,
  entries: readonly EachEntry<Arg>[],
) => Promise<readonly unknown[]>

/** Makes a Lua script callable that does one thing for each of several keys, as {@link defineScript}. */
export function defineEachScript<const Shared extends string, const Arg extends string>(
  definition: EachScriptDefinition<Shared, Arg>,
): EachScript<Shared, Arg> {
  const { shared: sharedNames, key, args: argNames, before, source } = definition
  const send = sender(`${locals('ARGV', sharedNames)}${before}
local function each(${[key, ...argNames].join(', ')})
${source}
end
local outcomes = {}
for at, key in ipairs(KEYS) do
  local first = ${sharedNames.length + 1} + (at - 1) * ${argNames.length}
  local isDone, outcome = pcall(each, key, unpack(ARGV, first, first + ${argNames.length - 1}))
  -- Redis 7 raises tables, which are replied as errors, and 6.2 texts.
  if not isDone and type(outcome) == 'string' then outcome = { err = outcome } end
  outcomes[at] = outcome
end
return outcomes`)
  return async (client, shared, entries) => {
    const values = [
      ...entries.map((entry) => entry.key),
      ...sharedNames.map((name) => shared[name]),
      ...entries.flatMap(({ args }) => argNames.map((name) => args[name])),
    ]
    return (await send(client, entries.length, values)) as readonly unknown[]
  }
}

type ScriptClient = Pick<RedisClient, 'eval' | 'evalsha'>

function sender(text: string) {
  const sha1 = createHash('sha1').update(text).digest('hex')
  return async (client: ScriptClient, keyCount: number, values: readonly string[]) => {
    try {
      return await client.evalsha(sha1, keyCount, ...values)
    } catch (error) {
      if (!isUnknownScript(error)) throw error
      return client.eval(text, keyCount, ...values)
    }
  }
}

function locals(table: 'KEYS' | 'ARGV', names: readonly string[]): string {
  return names.map((name, index) => `local ${name} = ${table}[${index + 1}]\n`).join('')
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT')
}
