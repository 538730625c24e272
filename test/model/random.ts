/** A reproducible source of chance: the same seed gives the same schedule. */
export interface Random {
  /** A number from 0 up to, and without, 1. */
  fraction(): number

  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number

  /** Whether something of this probability happens now. */
  chance(probability: number): boolean
}

/** Opens the sequence of a seed (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    fraction,
    below: (limit) => Math.floor(fraction() * limit),
    chance: (probability) => probability > 0 && fraction() < probability,
  }
}
