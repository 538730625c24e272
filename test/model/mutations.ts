import type { Mutation } from './mutation.js'
import { nearMutations } from './near-mutations.js'
import { relapseMutations } from './relapse-mutations.js'

/** What the explorer must find out: every guard is taken away at least once. */
export const mutations: readonly Mutation[] = [
  {
    name: 'a process believes the cache of a write that it could not tell it',
    without: ['doubtsTheUntold'],
    foundBy: 'untold',
    breaks: 'I7',
  },
  {
    name: 'a process believes the cache of a destroy that it could not tell it',
    without: ['doubtsTheUntold'],
    foundBy: 'untoldDestroy',
    breaks: 'I4',
  },
  {
    name: 'a put replaces whatever is held',
    without: [
      'putComparesVersions',
      'tombstoneAbsorbs',
      'updateNeedsARecord',
      'updateEndsAFill',
      'fillNeedsItsToken',
    ],
    foundBy: 'destroyed',
    breaks: 'I4',
  },
  {
    name: 'a put compares no versions',
    without: ['putComparesVersions'],
    foundBy: 'writers',
    breaks: 'I3',
  },
  {
    name: 'a tombstone in the cache does not absorb a later put',
    without: ['tombstoneAbsorbs'],
    foundBy: 'destroyed',
    breaks: 'I4',
  },
  {
    name: "a later writer's put makes a record from absence",
    without: ['updateNeedsARecord'],
    foundBy: 'writers',
    breaks: 'I7',
  },
  {
    name: 'a fill needs no token',
    without: ['fillNeedsItsToken'],
    foundBy: 'writers',
    breaks: 'I7',
  },
  {
    name: 'a new session is put from absence: its token is placed after the insert',
    without: ['insertReservesFirst'],
    foundBy: 'earlySecondRequest',
    breaks: 'I7',
  },
  {
    name: "a writer's put leaves a fill under way as it is",
    without: ['updateEndsAFill'],
    foundBy: 'writers',
    breaks: 'I7',
  },
  {
    name: 'a ledger write is an upsert that compares nothing',
    without: ['writeCompares'],
    foundBy: 'destroyed',
    breaks: 'I4',
  },
  {
    name: 'an update inserts where there is no row',
    without: ['updateNeverInserts'],
    foundBy: 'sweptUnderAWriter',
    breaks: 'I5',
  },
  {
    name: 'a version does not move past what the ledger lost',
    without: ['writeMovesPastItsBase'],
    foundBy: 'lostCommit',
    breaks: 'I7',
  },
  {
    name: 'a conflict is decided on the snapshot of the statement that lost',
    without: ['readsAgain'],
    foundBy: 'contention',
    breaks: 'progress',
  },
  {
    name: "the write's identity is checked before the tombstone, which keeps it",
    without: ['tombstoneBeforeWriteId', 'tombstoneForgetsWriteId'],
    foundBy: 'destroyerCutOff',
    breaks: 'I2',
  },
  {
    name: 'a retry does not know its own commit',
    without: ['knowsItsRetry'],
    foundBy: 'lostReplies',
    breaks: 'I1',
  },
  {
    name: 'a write without a reply is put upon what was built upon it',
    without: ['doubtsWhatFollowed'],
    foundBy: 'lostReplies',
    breaks: 'I1',
  },
  {
    name: 'the last writer wins',
    without: ['mergesConflicts'],
    foundBy: 'writers',
    breaks: 'I6',
  },
  {
    name: 'a put that failed is neither followed by a forget nor noted',
    without: ['failedPutForgets', 'notesRepairs'],
    foundBy: 'flakyCache',
    breaks: 'I7',
  },
  {
    name: 'what the cache could not be told is not noted',
    without: ['notesRepairs'],
    foundBy: 'writersCutOff',
    breaks: 'I7',
  },
  {
    name: 'a tombstone is forgotten',
    without: ['forgetSparesTombstones'],
    foundBy: 'outage',
    breaks: 'I4',
  },
  {
    name: 'a repair is crossed out although a later one was noted',
    without: ['crossesOutWhatWasApplied'],
    foundBy: 'writersWhoDied',
    breaks: 'I7',
  },
  {
    name: 'a process that comes back trusts the cache before the repairs are applied',
    without: ['repairsBeforeTrust'],
    foundBy: 'writersWhoDied',
    breaks: 'I7',
  },
  {
    name: 'a destroy neither tells the cache nor notes a repair',
    without: ['destroyTellsTheCache'],
    foundBy: 'destroyed',
    breaks: 'I4',
  },
  {
    name: 'a destroy goes to the ledger first, and the ledger fails',
    without: ['destroyBuriesFirst'],
    foundBy: 'outage',
    breaks: 'I4',
  },
  {
    name: 'a destroy buries only before the commit, and the cache forgets the tombstone',
    without: ['destroyBuriesAgain'],
    foundBy: 'destroyed',
    breaks: 'I4',
  },
  ...relapseMutations,
  ...nearMutations,
  {
    name: 'a sweep deletes what it chose, without comparing again',
    without: ['sweepComparesAgain'],
    foundBy: 'expiry',
    breaks: 'I6',
  },
]
