import { createInterface } from 'node:readline'
import type { Actor } from '../worker/actor.js'
import type { Command } from '../worker/commands.js'
import { print } from '../worker/journal.js'
import { Steps } from '../worker/steps.js'
import { perform } from '../worker/workload.js'
import { openWorkplace, type Workplace } from '../worker/workplace.js'

/*
 * One worker of the chaos suite: takes commands as lines of JSON, `{ command: <number>, do: … }`, and prints what it
 * does and what it answers. It ends with its input.
 */

const steps = new Steps()
let workplace: Workplace | undefined

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'open':
      workplace = await openWorkplace(command.name, command.options)
      return undefined
    case 'work':
      return perform(command.workload, actor())
    case 'hold':
      return steps.hold(command.step, command.when)
    case 'reached':
      return steps.reached(command.step)
    case 'release':
      return steps.release(command.step)
    case 'sample':
      return workplace?.sample()
    case 'close':
      steps.releaseAll()
      return workplace?.close()
    case 'read':
      await actor().read(command.session)
      return undefined
    default:
      return actor()[command.do](command.session)
  }
}

function actor(): Actor {
  if (!workplace) throw new Error('This worker has opened no sessions yet')
  return workplace.actor
}

async function answer(line: string): Promise<void> {
  const { command, ...what } = JSON.parse(line) as Command & { command: number }
  try {
    print({ type: 'answer', command, value: await obey(what) })
  } catch (error) {
    const told = error instanceof Error ? `${error.stack} ${String(error.cause)}` : String(error)
    print({ type: 'answer', command, error: told })
  }
}

createInterface({ input: process.stdin })
  .on('line', (line) => void answer(line))
  .on('close', () => process.exit())
