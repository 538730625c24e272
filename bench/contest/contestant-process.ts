import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Round, RoundSettings } from './closed-loop.ts'
import type { Answer, Entry, Question } from './messages.ts'

/** A contestant in a process of its own, so that none can be in another one's way. */
export class ContestantProcess {
  private constructor(
    readonly name: Entry['contestant'],
    private readonly child: ChildProcess,
    /** Where it can be asked by HTTP, if it is a web server. */
    readonly url: string | undefined,
  ) {}

  /** Starts one, and resolves once all of its sessions are stored. The caller closes it. */
  static async start(entry: Entry): Promise<ContestantProcess> {
    const child = fork(join(import.meta.dirname, 'worker.js'), [JSON.stringify(entry)], {
      env: { ...process.env, NODE_ENV: 'production' },
    })
    const answer = await answerOf(child, entry.contestant)
    if (!('ready' in answer)) throw new Error(`${entry.contestant} did not get ready`)
    return new ContestantProcess(entry.contestant, child, answer.ready.url)
  }

  /** Plays a round. */
  async play(settings: RoundSettings): Promise<Round> {
    const answer = await this.#ask({ play: settings })
    if (!('round' in answer)) throw new Error(`${this.name} played no round`)
    return answer.round
  }

  /** How much CPU time it has taken since it began, microseconds. */
  async cpuMicros(): Promise<number> {
    const answer = await this.#ask({ measureCpu: true })
    if (!('cpuMicros' in answer)) throw new Error(`${this.name} told no time`)
    return answer.cpuMicros
  }

  /** Profiles it from now on. */
  async beginProfile(): Promise<void> {
    await this.#ask('beginProfile')
  }

  /** Writes the profile until now to a file, as `node --cpu-prof` does. */
  async endProfile(file: string): Promise<void> {
    await this.#ask({ endProfile: file })
  }

  /** Ends it; by force, where it does not end by itself. */
  async close(): Promise<void> {
    if (this.child.exitCode !== null) return
    const exit = once(this.child, 'exit')
    this.child.send('close' satisfies Question)
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5_000)
    await exit
    clearTimeout(timer)
  }

  async #ask(question: Question): Promise<Answer> {
    this.child.send(question)
    return answerOf(this.child, this.name)
  }
}

async function answerOf(child: ChildProcess, name: string): Promise<Answer> {
  const ended = new AbortController()
  try {
    const answer = await Promise.race([
      once(child, 'message', { signal: ended.signal }).then(([message]) => message as Answer),
      once(child, 'exit', { signal: ended.signal }).then(() => ({ failed: 'its process ended' })),
    ])
    if ('failed' in answer) throw new Error(`${name} failed: ${answer.failed}`)
    return answer
  } finally {
    ended.abort()
  }
}
