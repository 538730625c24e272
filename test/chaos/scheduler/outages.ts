/**
 * How long an outage lasts, ms: as long as what it is to show takes; and with `npm run test:chaos -- --long` as long as
 * outages do.
 */
export function lasting(short: number, long: number): number {
  return process.env['CHAOS_LONG'] ? long : short
}
