import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Profiler } from 'node:inspector'
import type { Case } from '../cases/case.ts'
import { toFrames } from './cpu-profile.ts'
import { drawFlames } from './flame-graph.ts'

/** Where profiles of a run are kept, and the flame graphs that are drawn of them. */
export interface ProfileFolders {
  readonly profiles: string
  readonly flames: string
}

/** The profiles of one case: one for each of Holdfast's contestants. */
export class Profiles {
  readonly #drawn: { readonly contestant: string; readonly file: string }[] = []

  constructor(
    private readonly folders: ProfileFolders,
    private readonly of: Pick<Case, 'name' | 'title'>,
  ) {}

  /** Where the profile of this contestant is to be written; nowhere, if it is none of ours. */
  async fileOf(contestant: string): Promise<string | undefined> {
    if (!contestant.startsWith('Holdfast')) return undefined
    await mkdir(this.folders.profiles, { recursive: true })
    const name = `${this.of.name}-${contestant
      .replace(/^Holdfast, /, '')
      .replaceAll(', ', '-')
      .toLowerCase()}`
    const file = join(this.folders.profiles, `${name}.cpuprofile`)
    this.#drawn.push({ contestant, file })
    return file
  }

  /** Draws a flame graph of each profile that was written, and answers where. */
  async draw(): Promise<readonly string[]> {
    await mkdir(this.folders.flames, { recursive: true })
    return Promise.all(
      this.#drawn.map(async ({ contestant, file }) => {
        const profile = JSON.parse(await readFile(file, 'utf8')) as Profiler.Profile
        const svg = join(this.folders.flames, `${basename(file, '.cpuprofile')}.svg`)
        await writeFile(svg, drawFlames(`${this.of.title}: ${contestant}`, toFrames(profile)))
        return svg
      }),
    )
  }
}
