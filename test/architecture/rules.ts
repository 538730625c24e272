import { posix } from 'node:path'
import { edge, exportRoot, house } from './house.js'
import type { Area } from './house.js'
import { readSource } from './source-file.js'
import type { ImportedModule, SourceFile } from './source-file.js'

const edgeModules = ['node:process', 'process', 'node:console', 'console']

/** Everything in these sources (path under src, to text) that the house does not allow, one sentence each. */
export function findViolations(sources: ReadonlyMap<string, string>): string[] {
  const files = [...sources].map(([path, text]) => ({ path, source: readSource(path, text) }))
  return [
    ...files.flatMap(({ path, source }) => [
      ...misplaced(path),
      ...forbiddenImports(path, source.imports),
      ...forbiddenCode(path, source),
    ]),
    ...findCycles(new Map(files.map(({ path, source }) => [path, localImports(path, source)]))),
  ]
}

function misplaced(path: string): string[] {
  const problems: string[] = []
  if (!areaOf(path)) problems.push(`${path} is in no area that the house knows`)
  if (posix.basename(path) === 'index.ts' && !exportRoot.test(path)) {
    problems.push(`${path} is an index, but no export root`)
  }
  return problems
}

function forbiddenImports(path: string, imports: readonly ImportedModule[]): string[] {
  const area = areaOf(path)
  if (!area) return []
  return imports
    .filter((imported) => !isAllowed(path, area, imported))
    .map(({ specifier }) => `${path} imports ${specifier}, which ${area.path} may not`)
}

function isAllowed(path: string, area: Area, { specifier, isLazy }: ImportedModule): boolean {
  if (specifier.startsWith('.')) {
    const target = areaOf(resolveImport(path, specifier))
    if (!target) return false
    return target === area || area.mayImport.some((pattern) => matches(pattern, target.path))
  }
  if (edgeModules.includes(specifier)) return isEdge(path)
  if (specifier.startsWith('node:')) return true
  const isOf = (name: string) => specifier === name || specifier.startsWith(`${name}/`)
  return (area.packages?.some(isOf) ?? false) || (isLazy && (area.drivers?.some(isOf) ?? false))
}

function forbiddenCode(path: string, source: SourceFile): string[] {
  const problems: string[] = []
  if (!isEdge(path)) problems.push(...source.edgeUses.map((use) => `${path} uses ${use}`))
  if (source.castsToAny) problems.push(`${path} casts to any`)
  if (source.hasDefaultExport) problems.push(`${path} has a default export`)
  if (path === 'index.ts' && !source.onlyReExports) {
    problems.push(`${path} does more than to re-export`)
  }
  return problems
}

function areaOf(path: string): Area | undefined {
  return house.find((area) => path === area.path || path.startsWith(`${area.path}/`))
}

function matches(pattern: string, areaPath: string): boolean {
  return pattern.endsWith('/*') ? areaPath.startsWith(pattern.slice(0, -1)) : pattern === areaPath
}

function isEdge(path: string): boolean {
  return edge.some((place) => (place.endsWith('/') ? path.startsWith(place) : path === place))
}

/** The source that is meant: `../core/clock.js` names core/clock.ts. */
function resolveImport(path: string, specifier: string): string {
  const target = posix.join(posix.dirname(path), specifier)
  return target.replace(/\.(?<kind>[cm]?)js$/, '.$<kind>ts')
}

function localImports(path: string, { imports }: SourceFile): string[] {
  return imports
    .filter(({ specifier }) => specifier.startsWith('.'))
    .map(({ specifier }) => resolveImport(path, specifier))
}

/** One sentence for each import that closes a circle; an import of a type closes it as well. */
function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const cycles: string[] = []
  const finished = new Set<string>()
  const visit = (path: string, trail: readonly string[]) => {
    const start = trail.indexOf(path)
    if (start >= 0) cycles.push(`cycle: ${[...trail.slice(start), path].join(' > ')}`)
    if (start >= 0 || finished.has(path)) return
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path])
    finished.add(path)
  }
  for (const path of graph.keys()) visit(path, [])
  return cycles
}
