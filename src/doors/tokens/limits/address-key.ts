/** Groups of an IPv6 address that one visitor has to itself: the first 64 bits are the network's. */
const GROUPS_OF_NETWORK = 4
const GROUPS = 8

/** An IPv4 address as IPv6 has it (RFC 4291, 2.5.5.2). */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/**
 * By what an IP address is counted: an IPv4 address by itself, however it is written, an IPv6 address by
 * its network, of which a visitor may have any address.
 */
export function addressKey(address: string): string {
  const plain = MAPPED.exec(address)?.[1] ?? address
  if (!plain.includes(':')) return plain
  const [text = ''] = plain.toLowerCase().split('%')
  const [head = '', tail] = text.split('::')
  const before = groupsOf(head)
  const after = tail === undefined ? [] : groupsOf(tail)
  const missing = Math.max(0, GROUPS - before.length - after.length)
  const groups = [...before, ...Array<string>(missing).fill('0'), ...after]
  const network = groups.slice(0, GROUPS_OF_NETWORK)
  return `${network.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

/** The last two may be written as an IPv4 address. */
function groupsOf(text: string): string[] {
  const groups = text === '' ? [] : text.split(':')
  return groups.flatMap((group) => (group.includes('.') ? ['', ''] : [group]))
}
