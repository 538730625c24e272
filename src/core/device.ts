import type { Device } from './record.js'

const MOST_IP = 64
const MOST_USER_AGENT = 512

/**
 * Who began a session, as it is remembered: of lengths that nobody outside decides, and without what
 * Postgres has no text for.
 */
export function toDevice({ ip, userAgent }: { ip?: unknown; userAgent?: unknown }): Device {
  return { ip: capped(ip, MOST_IP), userAgent: capped(userAgent, MOST_USER_AGENT) }
}

function capped(text: unknown, most: number): string | undefined {
  if (typeof text !== 'string') return undefined
  return text.replaceAll('\0', '').slice(0, most).toWellFormed()
}
