import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { chown, mkdtemp } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Watchdog } from './watchdog.ts'

const startDeadline = 30_000
const startTries = 5
const pauseBetweenTries = 50

/** Who a server runs as, where it may not be whoever runs the tests. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/** How a kind of server is started. */
export interface ServerRecipe {
  readonly binary: string
  /** What the program is called with; the folder is its own. */
  arguments(place: { folder: string; port: number }): string[]
  /** What it prints, on either output, as soon as it answers. */
  readonly readyLine: RegExp
  /** The signal that ends it in good order. */
  readonly stopSignal: NodeJS.Signals
  readonly account?: Account | undefined
  /** Fills the folder before the first start. */
  prepare?(folder: string): Promise<void>
}

/** One server of a test's own: its process, its port on 127.0.0.1 and its folder. */
export class PrivateServer {
  readonly #recipe: ServerRecipe
  readonly #folder: string
  readonly #watchdog: Watchdog
  #port = 0
  #process: ChildProcess | undefined
  #exit: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined
  #frozen: number[] = []

  private constructor(recipe: ServerRecipe, folder: string) {
    this.#recipe = recipe
    this.#folder = folder
    this.#watchdog = new Watchdog(folder)
  }

  /** Resolves when the server answers. It is stopped with `stop`, or else when this process is gone. */
  static async start(recipe: ServerRecipe): Promise<PrivateServer> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-test-'))
    const server = new PrivateServer(recipe, folder)
    try {
      if (recipe.account) await chown(folder, recipe.account.uid, recipe.account.gid)
      await recipe.prepare?.(folder)
      await server.#startWithRetries(freePort)
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  get port(): number {
    return this.#port
  }

  /** The process's id. @throws Error while the server does not run. */
  get pid(): number {
    const pid = this.#process?.pid
    if (pid === undefined) throw new Error('The server does not run: restart() starts it again')
    return pid
  }

  /** Sends the signal to the server, and SIGKILL to its children as well; resolves when it is gone. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (!this.#process) return
    const children = signal === 'SIGKILL' ? childrenOf(this.pid) : []
    // It kept no process alive until now; without this, whoever waits here could end before it does.
    this.#process.ref()
    signalEach([this.pid, ...children], signal)
    await this.#exit
    this.#frozen = []
  }

  /** Stops the server and its children in their tracks: connections stay open and nothing answers. */
  async freeze(): Promise<void> {
    signalEach([this.pid], 'SIGSTOP')
    const children = childrenOf(this.pid)
    signalEach(children, 'SIGSTOP')
    this.#frozen = [...children, this.pid]
  }

  /** Undoes `freeze`. */
  async thaw(): Promise<void> {
    signalEach(this.#frozen, 'SIGCONT')
    this.#frozen = []
  }

  /** Ends the server in good order where it runs, and starts it on the same port and folder. */
  async restart(): Promise<void> {
    await this.#end()
    await this.#startWithRetries(async () => this.#port)
  }

  /** Ends the server and removes its folder. May be called twice. */
  stop(): Promise<void> {
    this.#stopped ??= this.#end().then(() => this.#watchdog.release())
    return this.#stopped
  }

  async #end(): Promise<void> {
    await this.thaw()
    await this.kill(this.#recipe.stopSignal)
  }

  /** Tries again: the port found may be taken by now, and what was killed may not have let go of its memory yet. */
  async #startWithRetries(choosePort: () => Promise<number>): Promise<void> {
    for (let tries = 1; ; tries++) {
      this.#port = await choosePort()
      try {
        return await this.#startOn(this.#port)
      } catch (error) {
        if (tries === startTries) throw error
        await delay(pauseBetweenTries)
      }
    }
  }

  async #startOn(port: number): Promise<void> {
    const { binary, account } = this.#recipe
    const child = spawn(binary, this.#recipe.arguments({ folder: this.#folder, port }), {
      cwd: this.#folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...process.env, LC_ALL: 'C' },
      ...account,
    })
    this.#exit = this.#ended(child)
    if (child.pid !== undefined) {
      this.#process = child
      this.#watchdog.watch(child.pid)
    }
    await this.#ready(child)
    letGo(child)
  }

  #ended(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        if (this.#process === child) this.#watchdog.watch(undefined)
        this.#process = undefined
        resolve()
      }
      child.once('exit', done)
      child.once('error', done)
    })
  }

  #ready(child: ChildProcess): Promise<void> {
    return new Promise((resolve, reject) => {
      let output = ''
      const fail = (reason: string) => {
        clearTimeout(timer)
        reject(new Error(`${this.#recipe.binary} ${reason}: ${output.slice(-2000)}`))
      }
      const timer = setTimeout(() => fail('did not start in time'), startDeadline)
      const read = (chunk: Buffer) => {
        output = (output + chunk.toString()).slice(-10_000)
        if (!this.#recipe.readyLine.test(output)) return
        clearTimeout(timer)
        resolve()
      }
      child.stdout?.on('data', read)
      child.stderr?.on('data', read)
      child.once('exit', () => fail('ended at its start'))
      child.once('error', (error) => fail(error.message))
    })
  }
}

/** Its outputs are read on, so that it never waits for us, and it keeps no process alive. */
function letGo(child: ChildProcess): void {
  child.unref()
  for (const output of [child.stdout, child.stderr]) {
    output?.removeAllListeners('data').resume()
    ;(output as Socket | null)?.unref()
  }
}

function childrenOf(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8').split(' ').filter(Boolean).map(Number)
}

function signalEach(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal)
    } catch (error) {
      // ESRCH: it ended by itself meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

/** A port of 127.0.0.1 that nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
