import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { Socket } from 'node:net'

/*
 * Reads the server's pid, one line at each start and `-` at each end. Its input closes when the process that
 * holds the other end is gone, killed or not, and then whatever runs still is ended and the folder removed.
 */
const script = `
pid=-
while read -r line; do pid=$line; done
if [ "$pid" != - ]; then
  children=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
  kill -KILL "$pid" $children 2>/dev/null
fi
rm -rf "$1"
`

/** Ends a server and removes its folder when this process is gone, however it ended. */
export class Watchdog {
  readonly #process: ChildProcess
  readonly #input: Socket

  constructor(folder: string) {
    this.#process = spawn('sh', ['-c', script, 'holdfast-watchdog', folder], {
      stdio: ['pipe', 'ignore', 'ignore'],
      detached: true,
    })
    this.#process.unref()
    this.#input = this.#process.stdin as Socket
    this.#input.on('error', () => {})
    this.#input.unref()
  }

  /** This process is to be ended; `undefined`: there is none any more. */
  watch(pid: number | undefined): void {
    this.#input.write(`${pid ?? '-'}\n`)
  }

  /** Removes the folder and ends. */
  async release(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#process.ref()
    this.#input.end()
    await ended
  }
}
