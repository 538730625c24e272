import type { ContestantName } from '../contestants/index.ts'
import type { Profiles } from '../profile/profiles.ts'
import type { Figure } from '../report/results.ts'
import type { Round, RoundSettings } from './closed-loop.ts'
import type { Place } from './contender.ts'
import { ContestantProcess } from './contestant-process.ts'
import { median } from './quantile.ts'

/** Before the rounds that count, each contestant plays so many at least, and for so long, ms: code is compiled, connections and plans are made. */
const WARM_UP = { rounds: 3, duration: 3_000 }

/** Who meets whom, and how. */
export interface ContestSettings {
  readonly contestants: readonly ContestantName[]
  readonly place: (contestant: ContestantName) => Promise<Place>
  readonly isServer?: boolean

  /** How many rounds count. */
  readonly rounds: number

  /** Where the rounds that count are profiled to, if they are. */
  readonly profiles?: Profiles | undefined

  /** Plays one round of a contestant. */
  readonly play: (contestant: ContestantProcess) => Promise<Round>
}

/** The rounds of each contestant; those of one index were played one right after the other. */
export type Rounds = ReadonlyMap<ContestantName, readonly Round[]>

/** Plays rounds of all contestants in turn: A B C, C B A, A B C, so that a machine that is slow for a while is slow for all. */
export async function playContest(settings: ContestSettings): Promise<Rounds> {
  const { contestants, place, isServer = false, rounds, play } = settings
  const processes: ContestantProcess[] = []
  const played = new Map(contestants.map((name) => [name, [] as Round[]]))
  const playAll = async (round: number): Promise<void> => {
    for (const each of round % 2 === 0 ? processes : processes.toReversed()) {
      played.get(each.name)?.push(await play(each))
    }
  }
  try {
    for (const contestant of contestants) {
      const entry = { contestant, place: await place(contestant), isServer }
      processes.push(await ContestantProcess.start(entry))
    }
    for (const each of processes) await warmUp(each, play)
    // Pools close connections that are idle for ten seconds, as the first ones are by now.
    for (const each of processes) await play(each)
    const end = await beginProfiles(processes, settings.profiles)
    for (let round = 0; round < rounds; round++) await playAll(round)
    await end()
  } finally {
    await Promise.all(processes.map((each) => each.close()))
  }
  return played
}

async function warmUp(contestant: ContestantProcess, play: ContestSettings['play']): Promise<void> {
  const start = performance.now()
  for (
    let round = 0;
    round < WARM_UP.rounds || performance.now() - start < WARM_UP.duration;
    round++
  ) {
    await play(contestant)
  }
}

/** Profiles those that are to be profiled, until the function that it resolves with is called. */
async function beginProfiles(
  processes: readonly ContestantProcess[],
  profiles: Profiles | undefined,
): Promise<() => Promise<void>> {
  const profiled: (readonly [ContestantProcess, string])[] = []
  for (const each of processes) {
    const file = await profiles?.fileOf(each.name)
    if (file === undefined) continue
    await each.beginProfile()
    profiled.push([each, file])
  }
  return async () => {
    for (const [each, file] of profiled) await each.endProfile(file)
  }
}

/** A round that a contestant plays by itself. */
export function playing(round: RoundSettings): ContestSettings['play'] {
  return (contestant) => contestant.play(round)
}

/** The medians of what each contestant did. */
export function figuresOf(rounds: Rounds): Figure[] {
  return [...rounds].map(([contestant, each]) => ({
    contestant,
    perSecond: median(each.map(({ perSecond }) => perSecond)),
    cpuMicros: median(each.map(({ cpuMicros }) => cpuMicros)),
    p50: median(each.map(({ p50 }) => p50)),
    p99: median(each.map(({ p99 }) => p99)),
  }))
}

/** The median of the ratios of two contestants, round by round. */
export function ratio(
  rounds: Rounds,
  [ours, theirs]: readonly [ContestantName, ContestantName],
  figure: keyof Round = 'perSecond',
): number {
  const others = rounds.get(theirs) ?? []
  const ratios = (rounds.get(ours) ?? []).map((round, index) => {
    const other = others[index]
    if (!other) throw new Error(`${theirs} has no round ${index}`)
    return round[figure] / other[figure]
  })
  return median(ratios)
}
