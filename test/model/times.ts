/** How long a token stands, in steps; longer than any schedule in which nobody lets a lease pass. */
export const FILL_LIFE = 10_000

/** How long a record is served without being confirmed; a read that is under way meanwhile may take a fill's life more. */
export const LEASE = 100_000

/** How long a session lives after its last write or touch; longer than the leases that pass in a schedule. */
export const LIFETIME = 1_000_000

/** How long a message of the bus is on its way at most. */
export const BUS_DELAY = 8

/** How long a subscription that was lost is not noticed at most. */
export const HEARTBEAT = 15

/** How long a process answers from its own copy. */
export const NEAR_AGE = 30

/** How long a process remembers a message; longer than any copy that it could hold against. */
export const RECENT = 40
