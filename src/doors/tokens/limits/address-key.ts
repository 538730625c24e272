const GROUPS = 8

/** The first 64 bits of an IPv6 address are the network's, and the others the visitor's to choose. */
const GROUPS_OF_NETWORK = 4

/** What stands before an IPv4 address: mapped (RFC 4291, 2.5.5.2), or translated (RFC 6052, 2.1). */
const BEFORE_IPV4: readonly string[] = ['0:0:0:0:0:ffff', '64:ff9b:0:0:0:0']

/**
 * By what an IP address is counted: an IPv4 address by itself, however it is written, an IPv6 address by
 * its network, of which a visitor may have any address.
 */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  const groups = groupsOf(address)
  const last = groups.slice(GROUPS - 2)
  if (BEFORE_IPV4.includes(groups.slice(0, GROUPS - 2).join(':'))) return toIPv4(last)
  return `${groups.slice(0, GROUPS_OF_NETWORK).join(':')}::/64`
}

/** The eight groups of an IPv6 address, in lower case and without zeros in front. */
function groupsOf(address: string): string[] {
  const [text = ''] = address.split('%')
  // There is one way in which a URL writes it: no dots, the longest zeros left out.
  const [before = [], after = []] = new URL(`http://[${text}]`).hostname
    .slice(1, -1)
    .split('::')
    .map((part) => (part === '' ? [] : part.split(':')))
  const zeros = Array<string>(GROUPS - before.length - after.length).fill('0')
  return [...before, ...zeros, ...after]
}

function toIPv4(groups: readonly string[]): string {
  const bytes = groups.map((group) => Number.parseInt(group, 16))
  return bytes.flatMap((each) => [each >> 8, each & 0xff]).join('.')
}
