import type { Profiler } from 'node:inspector'

/** The name of what a frame belongs to that is ours. */
export const OURS = 'holdfast'

/** A function on the stack, or a package whose functions called each other, and what it called. */
export interface Frame {
  readonly name: string

  /** `holdfast`, the name of a package, `node`, or `engine` for what the JavaScript engine does by itself. */
  readonly owner: string

  /** How long it was on the stack, microseconds. */
  readonly micros: number
  readonly callees: readonly Frame[]
}

interface Growing {
  readonly name: string
  readonly owner: string
  micros: number
  readonly callees: Map<string, Growing>
}

/**
 * The frames of a profile, as `node --cpu-prof` or the inspector write it. Functions of Holdfast are
 * told one by one; those of anybody else that call each other are one frame. What was idle is left out.
 */
export function toFrames(profile: Profiler.Profile): Frame {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const selfTimes = selfTimesOf(profile)
  const root: Growing = { name: 'all', owner: '', micros: 0, callees: new Map() }
  const visit = (node: Profiler.ProfileNode, callers: readonly Growing[]): void => {
    const { name, owner } = describe(node)
    if (name === '(idle)') return
    const stack = name === '(root)' ? callers : withCallee(callers, { name, owner })
    for (const frame of stack) frame.micros += selfTimes.get(node.id) ?? 0
    for (const id of node.children ?? []) {
      const child = nodes.get(id)
      if (child) visit(child, stack)
    }
  }
  const [first] = profile.nodes
  if (first) visit(first, [root])
  return frozen(root)
}

/** A function ran from the sample that met it until the next one; each delta leads up to its sample. */
function selfTimesOf({ samples = [], timeDeltas = [] }: Profiler.Profile): Map<number, number> {
  const times = new Map<number, number>()
  samples.forEach((id, index) => {
    times.set(id, (times.get(id) ?? 0) + (timeDeltas[index + 1] ?? 0))
  })
  return times
}

function describe({ callFrame }: Profiler.ProfileNode): { name: string; owner: string } {
  const owner = ownerOf(callFrame)
  const name = owner === OURS ? callFrame.functionName || '(anonymous)' : owner
  return owner === ENGINE ? { name: callFrame.functionName, owner } : { name, owner }
}

const ENGINE = 'engine'

/** By the last package on the path; the bench's own client of Prisma is generated into its folder. */
function ownerOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string {
  if (url === '') return functionName.startsWith('(') ? ENGINE : 'node'
  if (url.startsWith('node:')) return 'node'
  const inPackage = /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1]
  if (inPackage !== undefined) return inPackage
  if (url.startsWith('wasm:') || /\/bench\/dist\/(?:prisma\/|query_)/.test(url))
    return '@prisma/client'
  return /\/bench\/dist\/[^/]+$/.test(url) ? 'the benchmark' : OURS
}

function withCallee(
  callers: readonly Growing[],
  { name, owner }: Pick<Frame, 'name' | 'owner'>,
): readonly Growing[] {
  const caller = callers.at(-1)
  if (!caller || (caller.owner === owner && owner !== OURS)) return callers
  const callee = caller.callees.get(name) ?? { name, owner, micros: 0, callees: new Map() }
  caller.callees.set(name, callee)
  return [...callers, callee]
}

function frozen({ name, owner, micros, callees }: Growing): Frame {
  const sorted = [...callees.values()].sort((one, other) => other.micros - one.micros)
  return { name, owner, micros, callees: sorted.map(frozen) }
}

/** How long each owner's functions ran themselves, microseconds; the longest first. */
export function ownTimes(root: Frame): ReadonlyMap<string, number> {
  const times = new Map<string, number>()
  const visit = ({ owner, micros, callees }: Frame): void => {
    const inCallees = callees.reduce((sum, callee) => sum + callee.micros, 0)
    times.set(owner, (times.get(owner) ?? 0) + micros - inCallees)
    callees.forEach(visit)
  }
  root.callees.forEach(visit)
  return new Map([...times].sort(([, one], [, other]) => other - one))
}
