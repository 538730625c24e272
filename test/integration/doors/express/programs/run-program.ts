import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { buildSync } from 'esbuild'

/** What a program is told when it is started. */
export interface Place {
  readonly databaseUrl: string
  readonly redisUrl: string
  readonly prefix: string
}

/** One of the programs beside this file, running as a process of its own. */
export class Program<Message> {
  private constructor(
    private readonly process: ChildProcess,
    private readonly file: string,
  ) {}

  /** Starts it, by its path from this folder, compiled to one file with its part of src. */
  static start<Message>(name: string, place: Place): Program<Message> {
    const file = join(
      __dirname,
      '../../../../../node_modules/.cache/test-programs',
      `${basename(name)}-${randomUUID()}.cjs`,
    )
    buildSync({
      entryPoints: [join(__dirname, `${name}.ts`)],
      outfile: file,
      bundle: true,
      platform: 'node',
      format: 'cjs',
      packages: 'external',
    })
    return new Program(fork(file, [JSON.stringify(place)], { execArgv: [] }), file)
  }

  /** The next message that it sends; rejects where it ends before it has sent one. */
  async next(): Promise<Message> {
    const controller = new AbortController()
    const { signal } = controller
    try {
      const [message] = (await Promise.race([
        once(this.process, 'message', { signal }),
        once(this.process, 'exit', { signal }).then(([code]) => {
          throw new Error(`The program ended with ${String(code)}`)
        }),
      ])) as [Message]
      return message
    } finally {
      controller.abort()
    }
  }

  send(message: string): void {
    this.process.send(message)
  }

  /** Ends it at once, wherever it is. */
  async kill(): Promise<void> {
    await rm(this.file, { force: true })
    if (this.process.exitCode !== null || this.process.signalCode !== null) return
    const gone = once(this.process, 'exit')
    this.process.kill('SIGKILL')
    await gone
  }
}
