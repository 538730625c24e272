import type { Profiler } from 'node:inspector'

type Place = Pick<Profiler.ProfileNode['callFrame'], 'functionName' | 'url'>

/** node → express → express → get → recall, Prisma or pg; a collector of garbage, and idleness. */
export function aProfile(): Profiler.Profile {
  const places: readonly (Place & { readonly children?: number[]; readonly self?: number })[] = [
    { functionName: '(root)', url: '', children: [2, 8, 9] },
    { functionName: 'onRead', url: 'node:net', children: [3] },
    {
      functionName: 'handle',
      url: at('node_modules/express/lib/app.js'),
      children: [4],
      self: 150,
    },
    { functionName: 'next', url: at('node_modules/express/lib/next.js'), children: [5], self: 50 },
    { functionName: 'get', url: at('dist/express.cjs'), children: [6, 7, 10], self: 150 },
    { functionName: 'recall', url: at('dist/engine.cjs'), self: 250 },
    { functionName: 'run', url: at('bench/dist/prisma/runtime/client.js'), self: 200 },
    { functionName: '(garbage collector)', url: '', self: 100 },
    { functionName: '(idle)', url: '', self: 5000 },
    { functionName: 'query', url: at('node_modules/pg/lib/client.js'), self: 100 },
  ]
  const samples = places.flatMap(({ self }, index) => (self === undefined ? [] : [index + 1]))
  return {
    nodes: places.map(({ functionName, url, children }, index) => ({
      id: index + 1,
      callFrame: { functionName, url, scriptId: '0', lineNumber: 0, columnNumber: 0 },
      ...(children ? { children } : {}),
    })),
    startTime: 0,
    endTime: 6000,
    samples,
    timeDeltas: [7, ...samples.map((id) => places[id - 1]?.self ?? 0)],
  }
}

function at(path: string): string {
  return `file:///somewhere/${path}`
}
