import { setTimeout as delay } from 'node:timers/promises'
import { createRandom, type Random } from '../../model/random.js'
import type { Actor } from './actor.js'
import type { Mix, Workload } from './commands.js'

/** A fast way to fail is no reason to fail more often than one succeeds. ms. */
const REST_AFTER_FAILURE = 10

/** The longest rest after an operation: workers of several scenarios share two cores. ms. */
const USUAL_REST = 128
const STALE_WRITES = 0.3

/** A session is written in this part of a load at least. */
const LEAST_WRITTEN = 0.2

/** Does a workload with an actor, many operations at once. */
export async function perform(workload: Workload, actor: Actor): Promise<void> {
  const { concurrency, ms = Infinity, operations = Infinity, rest = USUAL_REST, seed } = workload
  const random = createRandom(seed)
  actor.forget()
  const until = performance.now() + ms
  const places = workload.sessions.map(
    (label, index) => new Place(label, writtenUntil(index, until, workload)),
  )
  let left = operations
  const lane = async (): Promise<void> => {
    while (left-- > 0 && performance.now() < until) {
      const place = places[random.below(places.length)]!
      const drawn = draw(workload.mix, random)
      const kind = place.allows(drawn) ? drawn : 'read'
      const isDone = await once(place, { kind, random, actor })
      await delay(isDone ? random.fraction() * rest : REST_AFTER_FAILURE)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

/** Until when a session is written that lives through the whole load: one after the other is left in peace. */
function writtenUntil(
  index: number,
  until: number,
  { sessions, settlesOver }: Workload,
): number | undefined {
  if (settlesOver === undefined || index % 2 === 1) return undefined
  const part = LEAST_WRITTEN + (1 - LEAST_WRITTEN) * (index / sessions.length)
  return until - settlesOver * (1 - part)
}

/** Where a session is, and the next one after it has ended. */
class Place {
  #generation = 0

  constructor(
    private readonly name: string,
    private readonly writtenUntil: number | undefined,
  ) {}

  get label(): string {
    return this.#generation === 0 ? this.name : `${this.name}.${this.#generation}`
  }

  /** Whether this may be done to it by now. */
  allows(kind: keyof Mix): boolean {
    if (this.writtenUntil === undefined) return true
    return kind === 'write' && performance.now() < this.writtenUntil
  }

  /** The session of this label has ended: nobody will write to it again. */
  leave(label: string): void {
    if (label === this.label) this.#generation++
  }
}

interface Act {
  readonly kind: keyof Mix
  readonly random: Random
  readonly actor: Actor
}

/** One operation; whether it came to an end of which more can be said than that it failed. */
async function once(place: Place, { kind, random, actor }: Act): Promise<boolean> {
  const { label } = place
  if (kind === 'write') {
    const outcome = await actor.write(label, random.chance(STALE_WRITES))
    if (outcome === 'gone') place.leave(label)
    return outcome !== undefined
  }
  if (kind === 'destroy') {
    const isEnded = await actor.destroy(label)
    if (isEnded !== undefined) place.leave(label)
    return isEnded !== undefined
  }
  await actor[kind](label)
  return true
}

function draw(mix: Mix, random: Random): keyof Mix {
  const kinds = ['read', 'write', 'touch', 'destroy'] as const
  let at = random.fraction() * kinds.reduce((sum, kind) => sum + mix[kind], 0)
  return kinds.find((kind) => (at -= mix[kind]) < 0) ?? 'read'
}
