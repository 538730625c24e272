import type { Mutation } from './mutation.js'

/** What must be found out where processes keep copies of their own. */
export const nearMutations: readonly Mutation[] = [
  {
    name: 'a copy is kept under the epoch of the end of its read',
    without: ['nearTakesItsEpochFirst'],
    foundBy: 'nearMissesMessages',
    breaks: 'I7',
  },
  {
    name: 'copies survive a subscription that was lost',
    without: ['nearMovesItsEpoch'],
    foundBy: 'nearMissesMessages',
    breaks: 'I7',
  },
  {
    name: 'what a message outdated while it was read is kept',
    without: ['nearRemembersMessages'],
    foundBy: 'near',
    breaks: 'I7',
  },
  {
    name: 'a process waits for the message of its own write',
    without: ['nearHearsItself'],
    foundBy: 'nearAndRestart',
    breaks: 'I7',
  },
  {
    name: 'a copy is as young as the end of its read',
    without: ['nearAgesFromItsTicket'],
    foundBy: 'nearStalled',
    breaks: 'I7',
  },
  {
    name: 'a put that replaces nothing is not published',
    without: ['publishesWhatIsRefused'],
    foundBy: 'near',
    breaks: 'I7',
  },
]
