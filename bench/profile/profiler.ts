import { Session, type Profiler as Inspected } from 'node:inspector/promises'

/** Between two looks at the stack, microseconds. */
const INTERVAL = 200

/** Profiles this process, as `node --cpu-prof` does, but from and until it is told to. */
export class Profiler {
  readonly #session = new Session()

  async begin(): Promise<void> {
    this.#session.connect()
    await this.#session.post('Profiler.enable')
    await this.#session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
    await this.#session.post('Profiler.start')
  }

  async end(): Promise<Inspected.Profile> {
    const { profile } = await this.#session.post('Profiler.stop')
    this.#session.disconnect()
    return profile
  }
}
