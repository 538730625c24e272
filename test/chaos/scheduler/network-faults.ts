import type { Reach, TcpProxy } from '../proxy/tcp-proxy.js'
import type { Fault } from './scenario.js'
import type { ServerName } from './server-faults.js'
import type { Stage, StageWorker } from './stage.js'

/** Whose way to a server it is; everybody's where it is not said. */
export interface Whose {
  readonly worker?: number
}

/** Nobody gets through to a server. */
export function cut(server: ServerName, { worker, ...reach }: Whose & Reach = {}): Fault {
  return onTheWay(`${server} cut off`, { server, worker }, (proxy) => proxy.cut(reach))
}

/** What is sent to and from a server is lost; one way only where it is said. */
export function blackholed(server: ServerName, { worker, ...reach }: Whose & Reach = {}): Fault {
  return onTheWay(`${server} in a black hole`, { server, worker }, (proxy) => {
    proxy.blackhole(reach)
  })
}

/** A server is so much further away, in each direction. ms. */
export function slow(server: ServerName, ms: number, { worker }: Whose = {}): Fault {
  return onTheWay(`${server} slower by ${ms} ms`, { server, worker }, (proxy) => proxy.delay(ms))
}

/** The connections to a server are reset, once. */
export function reset(server: ServerName, { worker, ...reach }: Whose & Reach = {}): Fault {
  return onTheWay(`${server} reset`, { server, worker }, (proxy) => proxy.reset(reach))
}

/** The next replies of a server are lost after it did what was asked, and then the connections reset. */
export function repliesDropped(server: ServerName, replies: number, { worker }: Whose = {}): Fault {
  const name = `${replies} replies of ${server} dropped`
  return onTheWay(name, { server, worker }, (proxy, stage) => {
    proxy.dropReplies({ replies }, () => stage.note(`a reply of ${server} dropped`))
  })
}

/** Replies of Redis are exchanged on their connection. */
export function repliesSwapped(times: number, { worker }: Whose = {}): Fault {
  return {
    name: `${times} replies of redis swapped`,
    begin(stage) {
      for (const { redis } of chosen(stage, worker)) {
        redis.swapReplies(times, () => stage.note('two replies of redis swapped'))
      }
    },
  }
}

function onTheWay(
  name: string,
  { server, worker }: { readonly server: ServerName; readonly worker: number | undefined },
  begin: (proxy: TcpProxy, stage: Stage) => void,
): Fault {
  const proxies = (stage: Stage) => chosen(stage, worker).map((each) => each[server])
  return {
    name: worker === undefined ? name : `${name} for worker ${worker}`,
    begin: (stage) => proxies(stage).forEach((proxy) => begin(proxy, stage)),
    end: (stage) => proxies(stage).forEach((proxy) => proxy.pass()),
  }
}

function chosen({ workers }: Stage, worker: number | undefined): readonly StageWorker[] {
  return worker === undefined ? workers : workers.slice(worker, worker + 1)
}
