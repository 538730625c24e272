import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'

const root = join(__dirname, '../..')

/** What ends, and how. */
export interface Ended {
  readonly status: number | null
  readonly output: string
}

type Environment = Readonly<Record<string, string>>

/** An example of this repository, as a program that is started. */
export class ExampleProgram {
  /** @param example - the name of its folder. */
  constructor(private readonly example: string) {}

  /** Compiles the library and the example, as far as they have changed: a child process resolves `holdfast` to dist. */
  build(): void {
    const build = [join(root, 'scripts/start.mjs'), this.example, '--build-only']
    const { status, stderr } = spawnSync(process.execPath, build, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`The example could not be built:\n${stderr}`)
  }

  /** Starts it on a port that is free, and resolves when it serves. */
  async start(environment: Environment): Promise<RunningApp> {
    const launched = launch(this.#pathOf('main.js'), { PORT: '0', ...environment })
    const [, url = ''] = await printed(/(http:\/\/localhost:\d+)[^]*essions are kept/, launched)
    return new RunningApp(launched.child, launched.output, url)
  }

  /** Runs it where it is expected to end by itself, or by a SIGTERM once it has printed `stopAt`. */
  async runToEnd(
    environment: Environment,
    { stopAt, file = 'main.js', args = [] }: RunOptions = {},
  ): Promise<Ended> {
    const launched = launch(this.#pathOf(file), environment, args)
    const { child, output } = launched
    if (stopAt) {
      await printed(stopAt, launched)
      child.kill('SIGTERM')
    }
    const [status] = (await once(child, 'close')) as [number | null]
    return { status, output: output() }
  }

  #pathOf(file: string): string {
    return join(root, 'examples', this.example, 'dist', file)
  }
}

/** How a program is run to its end. */
interface RunOptions {
  readonly stopAt?: RegExp

  /** Which of the example's programs. */
  readonly file?: string
  readonly args?: readonly string[]
}

/** An example, listening. */
export class RunningApp {
  constructor(
    private readonly child: ChildProcess,
    private readonly output: () => string,
    readonly url: string,
  ) {}

  get port(): string {
    return new URL(this.url).port
  }

  /** Sends the signal, unless it has ended, and resolves with how it ended. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close')
      this.child.kill(signal)
      await closed
    }
    return { status: this.child.exitCode, output: this.output() }
  }
}

interface Launched {
  readonly child: ChildProcess
  readonly output: () => string
}

/** Waits for what matches, in all that was printed. */
async function printed(pattern: RegExp, { child, output }: Launched): Promise<RegExpExecArray> {
  for (;;) {
    const found = pattern.exec(output())
    if (found) return found
    if (child.exitCode !== null) throw new Error(`The example ended:\n${output()}`)
    const more = [child.stdout!, child.stderr!].map((stream) => once(stream, 'data'))
    await Promise.race([...more, once(child, 'close')])
  }
}

/** @throws TypeError for a data folder that would be wherever the tests are run: whoever named it had no folder. */
function launch(path: string, environment: Environment, args: readonly string[] = []): Launched {
  const { DATA_DIR } = environment
  if (DATA_DIR !== undefined && !isAbsolute(DATA_DIR)) {
    throw new TypeError(`DATA_DIR is relative: ${JSON.stringify(DATA_DIR)}`)
  }
  const { PATH = '' } = process.env
  const child = spawn(process.execPath, [path, ...args], {
    cwd: tmpdir(),
    env: { PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => (text += part))
  }
  return { child, output: () => text }
}
