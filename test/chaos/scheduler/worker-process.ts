import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { Watchdog } from '../../services/watchdog.js'
import type { HistoryEvent } from '../history/operation.js'
import type { Command, Sample, WorkerLine } from '../worker/commands.js'

interface Question {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: Error) => void
}

/** A worker of the suite, in a process of its own, that is gone when this process is. */
export class WorkerProcess {
  /** Told each event of the history as it comes. */
  onEvent: (event: HistoryEvent) => void = () => {}
  readonly #questions = new Map<number, Question>()
  readonly #ended: Promise<unknown>
  #asked = 0
  #hasEnded = false
  #problems = ''

  private constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly watchdog: Watchdog,
  ) {
    watchdog.watch(child.pid)
    this.#ended = once(child, 'close').then(() => this.#end())
    child.stdin.on('error', () => {})
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#problems = (this.#problems + text).slice(-4_000)
    })
    createInterface({ input: child.stdout }).on('line', (line) => this.#take(line))
  }

  /** Starts a compiled test/chaos/programs/worker.ts. */
  static async start(file: string): Promise<WorkerProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-worker-'))
    const child = spawn(process.execPath, ['--expose-gc', file], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    return new WorkerProcess(child, new Watchdog(folder))
  }

  get isRunning(): boolean {
    return !this.#hasEnded
  }

  /** What it printed as its errors, the last of it. */
  get problems(): string {
    return this.#problems
  }

  /** Resolves with the answer. @throws Error where the worker failed, or ended before it answered. */
  ask(command: Command): Promise<unknown> {
    if (this.#hasEnded) return Promise.reject(this.#gone())
    const number = ++this.#asked
    this.child.stdin.write(`${JSON.stringify({ command: number, ...command })}\n`)
    return new Promise((resolve, reject) => this.#questions.set(number, { resolve, reject }))
  }

  async sample(): Promise<Sample> {
    return (await this.ask({ do: 'sample' })) as Sample
  }

  /** Sends a signal; with SIGKILL it resolves when the process is gone, and all it printed was read. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    this.child.kill(signal)
    if (signal !== 'SIGKILL') return
    await this.#ended
  }

  /** Ends it, and resolves when it is gone. */
  async stop(): Promise<void> {
    await this.kill()
    await this.watchdog.release()
  }

  #take(line: string): void {
    const said = parse(line)
    if (!said) return
    if (said.type !== 'answer') return this.onEvent(said)
    const question = this.#questions.get(said.command)
    this.#questions.delete(said.command)
    if (said.error === undefined) question?.resolve(said.value)
    else question?.reject(new Error(`A worker could not do it: ${said.error}`))
  }

  #end(): void {
    this.#hasEnded = true
    this.watchdog.watch(undefined)
    for (const { reject } of this.#questions.values()) reject(this.#gone())
    this.#questions.clear()
  }

  #gone(): Error {
    return new Error(`The worker has ended. ${this.#problems}`)
  }
}

/** A line that a kill cut off says nothing. */
function parse(line: string): WorkerLine | undefined {
  try {
    return JSON.parse(line) as WorkerLine
  } catch {
    return undefined
  }
}
