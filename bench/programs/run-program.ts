import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** Runs a program of this folder in a process of its own, and gives the one message that it sends. */
export async function runProgram<T>(
  name: 'memory' | 'sweep',
  argument: object,
  execArgv: readonly string[] = [],
): Promise<T> {
  const child = fork(join(import.meta.dirname, `${name}.js`), [JSON.stringify(argument)], {
    execArgv: [...execArgv],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  const exit = once(child, 'exit')
  const message = once(child, 'message')
  message.catch(() => {})
  const [first] = await Promise.race([message, exit.then(() => [undefined])])
  await exit
  if (first === undefined) throw new Error(`The program ${name} ended without a result`)
  return first as T
}

/** What the program was given. */
export function argument(): unknown {
  return JSON.parse(process.argv[2] ?? '{}')
}

/** Gives the result. */
export function answer(result: object): void {
  process.send?.(result, () => process.disconnect())
}
