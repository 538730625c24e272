import type { Mutation } from './mutation.js'

/** What must be found out where the cache restarts, a lease ends, or the ledger loses commits (rules 9, 10 and 13). */
export const relapseMutations: readonly Mutation[] = [
  {
    name: 'records have no stamp: a cache that restarted is trusted as before',
    without: ['recordsAreStamped'],
    foundBy: 'restartAndDestroy',
    breaks: 'I4',
  },
  {
    name: 'tokens have no stamp: a fill from before a restart is put after it',
    without: ['tokensAreStamped'],
    foundBy: 'restartUnderFills',
    breaks: 'I7',
  },
  {
    name: 'the run of the last connection is believed until another is learned',
    without: ['closeForgetsTheRun'],
    foundBy: 'restart',
    breaks: 'I7',
  },
  {
    name: 'two processes that do not know their run believe each other',
    without: ['unknownIsNoRun'],
    foundBy: 'restartBeforeTheRunIsKnown',
    breaks: 'I7',
  },
  {
    name: 'a server that takes over for the second time has the run that it had for the first',
    without: ['runsNeverReturn'],
    foundBy: 'restartTwice',
    breaks: 'I7',
  },
  {
    name: "a writer's put replaces a record in doubt",
    without: ['updateEndsTheDoubtful'],
    foundBy: 'restartUnderPuts',
    breaks: 'I7',
  },
  {
    name: 'a record in doubt is served while the ledger is down',
    without: ['refusesTheDoubtful'],
    foundBy: 'restartWithoutLedger',
    breaks: 'I7',
  },
  {
    name: 'a record of another run is confirmed into this one',
    without: ['confirmNeedsItsRun'],
    foundBy: 'restartUnderConfirmations',
    breaks: 'I7',
  },
  {
    name: 'a confirmation replaces whatever is held',
    without: ['confirmCompares'],
    foundBy: 'restartAndLease',
    breaks: 'I3',
  },
  {
    name: 'a confirmation knows a commit by its version',
    without: ['confirmTellsCommitsApart', 'putTellsCommitsApart'],
    foundBy: 'lostCommitAmongOthers',
    breaks: 'I2',
  },
  {
    name: 'a put leaves another commit of its version as it is',
    without: ['putTellsCommitsApart'],
    foundBy: 'lostCommitAmongOthers',
    breaks: 'I7',
  },
  {
    name: 'a write begins from a namesake of its base, which it overwrites',
    without: ['writeTellsCommitsApart'],
    foundBy: 'lostCommitAmongOthers',
    breaks: 'I6',
  },
  {
    name: 'what the ledger said a lease ago is confirmed as of now',
    without: ['confirmIsInTime'],
    foundBy: 'stalled',
    breaks: 'I7',
  },
  {
    name: 'a put of a commit from a lease ago counts as a confirmation of now',
    without: ['updateConfirmsNothing'],
    foundBy: 'stalled',
    breaks: 'I7',
  },
  {
    name: 'a record is never confirmed again',
    without: ['leasesEnd'],
    foundBy: 'crashes',
    breaks: 'I7',
  },
]
