import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import process, { argv, env, execPath } from 'node:process'

/*
 * Runs the tests of faults: `npm run test:chaos`. `npm run test:chaos -- --seeds 200` plays each scenario on so many
 * seeds one after the other, from a random one on, or from `--seed`. With `--long` outages last as long as they do: a
 * Redis is frozen for ten seconds, a Postgres down for thirty. `-t` names the scenarios that are played.
 */

const MOST_PER_PLAY = 60_000
const MOST_PER_LONG_PLAY = 120_000

/** Plays mostly wait; with more of them at a time each has too little of the processor to show anything. */
const PLAYS_PER_CORE = 3
const FILES_PER_CORE = 2
const args = argv.slice(2)

/** Takes an option with its text out of the arguments; the others are Jest's. */
function takeText(name) {
  const at = args.indexOf(name)
  return at < 0 ? undefined : (args.splice(at, 2)[1] ?? '')
}

/** Takes an option with its number out of the arguments. */
function takeNumber(name) {
  const text = takeText(name)
  if (text === undefined) return undefined
  if (!/^[1-9]\d*$/.test(text)) {
    console.error(`${name} must be followed by a whole number above 0`)
    process.exit(2)
  }
  return Number(text)
}

/** Takes an option without a number out of the arguments. */
function takeFlag(name) {
  const at = args.indexOf(name)
  if (at < 0) return false
  args.splice(at, 1)
  return true
}

const isLong = takeFlag('--long')
const seeds = takeNumber('--seeds')
const seed = takeNumber('--seed') ?? (seeds === undefined ? undefined : randomInt(1, 2 ** 31))
const areMany = isLong || seeds !== undefined
const named = takeText('-t') ?? (areMany ? '^sessions ' : undefined)
if (named === '') {
  console.error('-t must be followed by the name of a scenario, or a part of it')
  process.exit(2)
}
const chaosEnv = { ...env }
if (seed !== undefined) chaosEnv.CHAOS_SEED = String(seed)
if (seeds !== undefined) {
  console.log(`${seeds} seeds from ${seed} on`)
  chaosEnv.CHAOS_SEEDS = String(seeds)
}
if (!args.some((arg) => arg.startsWith('--maxWorkers') || arg === '--runInBand')) {
  const perCore = seeds === undefined ? FILES_PER_CORE : PLAYS_PER_CORE
  args.push(`--maxWorkers=${perCore * availableParallelism()}`)
}
if (isLong) chaosEnv.CHAOS_LONG = '1'
if (areMany) {
  const mostPerPlay = isLong ? MOST_PER_LONG_PLAY : MOST_PER_PLAY
  args.unshift(`--testTimeout=${mostPerPlay * (seeds ?? 1)}`)
}
if (named !== undefined) args.unshift(`--testNamePattern=${named}`)

// What lies deeper are tests of the suite itself: `npm test` runs them.
if (args.every((arg) => arg.startsWith('-'))) args.push('test/chaos/[^/]+$')
const test = join(import.meta.dirname, 'test.mjs')
const { status } = spawnSync(execPath, [test, ...args], {
  env: chaosEnv,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
