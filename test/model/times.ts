/** How long a token stands, in steps; longer than any schedule in which nobody lets a lease pass. */
export const FILL_LIFE = 10_000

/** How long a record is served without being confirmed; a read that is under way meanwhile may take a fill's life more. */
export const LEASE = 100_000

/** How long a session lives after its last write or touch; longer than the leases that pass in a schedule. */
export const LIFETIME = 1_000_000
