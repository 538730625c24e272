import type { RedisClient, RedisNode } from './redis-client.js'

/**
 * What to change in the settings of a Redis that is the only place where sessions are, a sentence
 * each. Rejects where the server does not tell: a user may lack the right to `INFO`.
 */
export async function adviceForServer(client: RedisClient): Promise<readonly string[]> {
  const nodes: readonly RedisNode[] = client.nodes?.('master') ?? [client]
  const advice = await Promise.all(nodes.map(adviceForNode))
  return [...new Set(advice.flat())]
}

async function adviceForNode(node: RedisNode): Promise<readonly string[]> {
  const [memory, persistence] = await Promise.all([node.info('memory'), node.info('persistence')])
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'noeviction'
  const isKept = !/^aof_enabled:0/m.test(persistence)
  return [...(policy === 'noeviction' ? [] : [evicts(policy)]), ...(isKept ? [] : [NOT_KEPT])]
}

function evicts(policy: string): string {
  return `Redis is the ledger, and throws sessions out when its memory is full (maxmemory-policy ${policy}): set noeviction`
}

const NOT_KEPT =
  'Redis is the ledger, and has no append-only file: a restart loses sessions, and brings ended ones back. Set appendonly yes'
