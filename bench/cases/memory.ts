import type { MemoryResult } from '../programs/memory.ts'
import { runProgram } from '../programs/run-program.ts'
import type { Case } from './case.ts'

const IDS = 1_000_000

/** What sessions that were read leave in the heap. */
export const memory: Case = {
  name: 'memory',
  title: 'Memory',
  method:
    'Twenty thousand sessions of 528 bytes are read and remembered in the process: what the heap has grown by, divided by their number. Then a million are read, each once: the heap after all of them, beside that after the first hundred thousand.',
  async measure(bench) {
    const place = await bench.place({ sessions: IDS, isSeeded: true })
    const argument = { place, ids: IDS }
    const { bytesOfEntry, growth } = await runProgram<MemoryResult>('memory', argument, [
      '--expose-gc',
    ])
    await bench.redis.restart()
    return {
      figures: [
        {
          contestant: 'Holdfast, near',
          more: { 'bytes a session': bytesOfEntry, 'heap after a million, ×': growth },
        },
      ],
      goals: [
        { text: 'a remembered session', value: bytesOfEntry, unit: 'bytes', atMost: 1_100 },
        { text: 'heap after a million sessions', value: growth, unit: '×', atMost: 1.05 },
      ],
    }
  },
}
