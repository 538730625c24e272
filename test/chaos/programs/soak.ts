import { parseArgs } from 'node:util'
import { openServers } from '../scheduler/servers.js'
import { soak } from '../soak/soak.js'

/*
 * `node soak.cjs --minutes 60 --seed 7 --worker <the compiled worker.ts>`: exit code 1 where an
 * invariant was broken, or too little was answered.
 */

const MINUTE = 60_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    worker: { type: 'string' },
  },
})

function numberOf(name: 'minutes' | 'seed'): number {
  const number = Number(values[name])
  if (!(number > 0)) throw new Error(`--${name} must be a number above 0`)
  return number
}

async function main(): Promise<void> {
  const [minutes, seed] = [numberOf('minutes'), numberOf('seed')]
  const log = (line: string) => void process.stdout.write(`${line}\n`)
  log(`A soak of ${minutes} minutes with seed ${seed}`)
  const servers = await openServers({ workerFile: values.worker })
  // Servers and workers end with this process; this way their folders are gone when it is.
  const stop = () => void servers.close().then(() => process.exit(1))
  process.once('SIGINT', stop).once('SIGTERM', stop)
  try {
    const tally = await soak({ servers, seed, ms: minutes * MINUTE, log })
    log(`\nseed ${seed}, ${minutes} minutes\n${tally.summary()}`)
    if (tally.violations > 0 || tally.shortfalls().length > 0) process.exitCode = 1
  } finally {
    await servers.close()
  }
}

void main()
