import { createInterface } from 'node:readline'
import type { Command } from '../worker/commands.js'
import { print } from '../worker/journal.js'
import { Steps } from '../worker/steps.js'
import { perform } from '../worker/workload.js'
import { openWorkplace, type Workplace } from '../worker/workplace.js'

/*
 * One worker of the chaos suite: takes commands as lines of JSON, `{ command: <number>, do: … }`, and prints what it
 * does and what it answers. It ends with its input; told by a SIGTERM, it closes its sessions first.
 */

const steps = new Steps()
let workplace: Workplace | undefined

async function obey(command: Command): Promise<unknown> {
  switch (command.do) {
    case 'open':
      workplace = await openWorkplace(command.name, command.options)
      steps.count()
      return undefined
    case 'work':
      return perform(command.workload, opened().actor)
    case 'begin':
      return opened().actor.begin(command.session, command.user)
    case 'write all':
      return opened().actor.writeAll(command.sessions)
    case 'touch all':
      return opened().actor.touchAll(command.sessions)
    case 'destroy user':
      return opened().engine.removeUser(command.user)
    case 'sweep':
      return opened().engine.sweep()
    case 'count steps':
      return steps.count()
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
      await opened().actor.read(command.session)
      return undefined
    default:
      return opened().actor[command.do](command.session)
  }
}

function opened(): Workplace {
  if (!workplace) throw new Error('This worker has opened no sessions yet')
  return workplace
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

process.once('SIGTERM', () => {
  void workplace?.close().finally(() => process.exit())
})
