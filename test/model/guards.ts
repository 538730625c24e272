/**
 * What keeps the protocol true, one claim each, with the protocol rule that it belongs to. A mutation takes claims away and
 * must be found out.
 */
export interface Guards {
  /** A put replaces only an older version (rule 2). */
  readonly putComparesVersions: boolean
  /** A tombstone in the cache absorbs every put (rule 2). */
  readonly tombstoneAbsorbs: boolean
  /** A later writer's put on an absent or filling record is skipped (rule 3). */
  readonly updateNeedsARecord: boolean
  /** A fill still holds the token that it placed before it asked the ledger (rule 3). */
  readonly fillNeedsItsToken: boolean
  /** A new session's token is placed before its insert, not after it (rule 3). */
  readonly insertReservesFirst: boolean
  /** A writer's put on a filling record ends the fill (rule 3). */
  readonly updateEndsAFill: boolean
  /** A ledger write compares the version, the expiry and the tombstone (rule 1). */
  readonly writeCompares: boolean
  /** A ledger write that has a base never inserts (rule 1). */
  readonly updateNeverInserts: boolean
  /** A ledger write begins from its base's very commit, not from a namesake, or from what a failover lost (rule 13). */
  readonly writeTellsCommitsApart: boolean
  /** The version moves past the base, also where the ledger lost commits (rule 13). */
  readonly writeMovesPastItsBase: boolean
  /** A write that did not take is read again before anything is decided (rule 6). */
  readonly readsAgain: boolean
  /** The tombstone is checked before the write's identity (rule 7). */
  readonly tombstoneBeforeWriteId: boolean
  /** A row that is revoked forgets the identity of its last write. */
  readonly tombstoneForgetsWriteId: boolean
  /** A retry is known by its write's identity (rule 12). */
  readonly knowsItsRetry: boolean
  /** A write without a reply is not put upon what may have been built upon it (rule 12). */
  readonly doubtsWhatFollowed: boolean
  /** A conflict is merged three ways. */
  readonly mergesConflicts: boolean
  /** What a put could not replace is forgotten (rule 4). */
  readonly failedPutForgets: boolean
  /** A tombstone is not forgotten (rule 2). */
  readonly forgetSparesTombstones: boolean
  /** What the cache could not be told is written down in the ledger (rule 14). */
  readonly notesRepairs: boolean
  /** A repair is crossed out only if it is still the one that was applied (rule 14). */
  readonly crossesOutWhatWasApplied: boolean
  /** A process that comes back applies the repairs before it trusts the cache (rule 14). */
  readonly repairsBeforeTrust: boolean
  /** A process believes the cache nothing but a tombstone of what it could not tell it (rule 14). */
  readonly doubtsTheUntold: boolean
  /** A destroy tells the cache, or notes a repair (rules 5 and 14). */
  readonly destroyTellsTheCache: boolean
  /** A destroy buries in the cache before it revokes in the ledger (rule 5). */
  readonly destroyBuriesFirst: boolean
  /** A destroy buries in the cache after the commit too, over whatever was filled meanwhile. */
  readonly destroyBuriesAgain: boolean
  /** A record says nothing to whoever knows another run of the server than its writer did (rule 9). */
  readonly recordsAreStamped: boolean
  /** A fill is put only in the run in which its token was placed (rule 9). */
  readonly tokensAreStamped: boolean
  /** A connection that closes takes with it what was known of the run (rule 9). */
  readonly closeForgetsTheRun: boolean
  /** Two that do not know their run do not agree (rule 9). */
  readonly unknownIsNoRun: boolean
  /** No life of a server goes by a name that an earlier one had (rule 9). */
  readonly runsNeverReturn: boolean
  /** A writer's put ends a record in doubt, instead of replacing it (rule 9). */
  readonly updateEndsTheDoubtful: boolean
  /** A touch ends a record in doubt (rule 9). */
  readonly touchDropsTheDoubtful: boolean
  /** A record in doubt is not served while the ledger is down (rule 9). */
  readonly refusesTheDoubtful: boolean
  /** A confirmation is of a record of its own run (rules 9 and 10). */
  readonly confirmNeedsItsRun: boolean
  /** A confirmation replaces only the record that was read (rule 10). */
  readonly confirmCompares: boolean
  /** A confirmation stamps a record only if it is the very commit that the ledger holds, not its namesake (rule 13). */
  readonly confirmTellsCommitsApart: boolean
  /** A put ends a record of its own version that is another commit (rule 13). */
  readonly putTellsCommitsApart: boolean
  /** What the ledger said is not confirmed later than a fill could be put (rule 10). */
  readonly confirmIsInTime: boolean
  /** A writer's put leaves the time of the last confirmation as it was (rule 10). */
  readonly updateConfirmsNothing: boolean
  /** A record that was not confirmed for a lease is checked against the ledger (rule 10). */
  readonly leasesEnd: boolean
  /** A copy is kept under the bus epoch from before its read. */
  readonly nearTakesItsEpochFirst: boolean
  /** A subscription that was lost moves the bus epoch. */
  readonly nearMovesItsEpoch: boolean
  /** What a message outdated while it was read is not kept. */
  readonly nearRemembersMessages: boolean
  /** A copy is as old as the beginning of its read. */
  readonly nearAgesFromItsTicket: boolean
  /** A process does not wait for the message of its own write. */
  readonly nearHearsItself: boolean
  /** A writer's put is published whatever its outcome, for those that hold a copy. */
  readonly publishesWhatIsRefused: boolean
  /** A sweep compares the expiry again when it deletes. */
  readonly sweepComparesAgain: boolean
}

/** The protocol as it is. */
export const allGuards: Guards = {
  putComparesVersions: true,
  tombstoneAbsorbs: true,
  updateNeedsARecord: true,
  fillNeedsItsToken: true,
  insertReservesFirst: true,
  updateEndsAFill: true,
  writeCompares: true,
  updateNeverInserts: true,
  writeTellsCommitsApart: true,
  writeMovesPastItsBase: true,
  readsAgain: true,
  tombstoneBeforeWriteId: true,
  tombstoneForgetsWriteId: true,
  knowsItsRetry: true,
  doubtsWhatFollowed: true,
  mergesConflicts: true,
  failedPutForgets: true,
  forgetSparesTombstones: true,
  notesRepairs: true,
  crossesOutWhatWasApplied: true,
  repairsBeforeTrust: true,
  doubtsTheUntold: true,
  destroyTellsTheCache: true,
  destroyBuriesFirst: true,
  destroyBuriesAgain: true,
  recordsAreStamped: true,
  tokensAreStamped: true,
  closeForgetsTheRun: true,
  unknownIsNoRun: true,
  runsNeverReturn: true,
  updateEndsTheDoubtful: true,
  touchDropsTheDoubtful: true,
  refusesTheDoubtful: true,
  confirmNeedsItsRun: true,
  confirmCompares: true,
  confirmTellsCommitsApart: true,
  putTellsCommitsApart: true,
  confirmIsInTime: true,
  updateConfirmsNothing: true,
  leasesEnd: true,
  nearTakesItsEpochFirst: true,
  nearMovesItsEpoch: true,
  nearRemembersMessages: true,
  nearAgesFromItsTicket: true,
  nearHearsItself: true,
  publishesWhatIsRefused: true,
  sweepComparesAgain: true,
}
