import { writeFile } from 'node:fs/promises'
import { contestants } from '../contestants/index.ts'
import { Profiler } from '../profile/profiler.ts'
import { playRound } from './closed-loop.ts'
import type { Contender } from './contender.ts'
import { serveSessions } from './http-server.ts'
import type { Answer, Entry, Question } from './messages.ts'

/* The process of one contestant: it opens its store, says that it is ready, and does what it is asked. */

function tell(answer: Answer): void {
  process.send?.(answer)
}

const profiler = new Profiler()

async function take(contender: Contender, question: Question): Promise<void> {
  if (question === 'close') {
    await contender.close()
    // A web server would wait for connections that are kept alive.
    process.exit()
  } else if (question === 'beginProfile') {
    await profiler.begin()
    tell({ isProfiling: true })
  } else if ('endProfile' in question) {
    await writeFile(question.endProfile, JSON.stringify(await profiler.end()))
    tell({ isProfiling: false })
  } else if ('play' in question) {
    tell({ round: await playRound(contender, question.play) })
  } else {
    const { user, system } = process.cpuUsage()
    tell({ cpuMicros: user + system })
  }
}

function fail(error: unknown): void {
  tell({ failed: error instanceof Error ? (error.stack ?? error.message) : String(error) })
}

async function main({ contestant, place, isServer }: Entry): Promise<void> {
  const contender = await contestants[contestant](place)
  const url = isServer ? await serveSessions(contender) : undefined
  process.on('message', (question: Question) => {
    take(contender, question).catch(fail)
  })
  tell({ ready: { url } })
}

main(JSON.parse(process.argv[2] ?? '{}') as Entry).catch(fail)
