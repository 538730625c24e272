import type { Guards } from './guards.js'
import type { Answer } from './invariants.js'
import type { Random } from './random.js'
import { BUS_DELAY, HEARTBEAT, NEAR_AGE, RECENT } from './times.js'

/** What a process remembers of the moment before it asked the tiers behind. */
export interface Ticket {
  readonly epoch: number
  readonly at: number
}

/** What a near cache needs of the world that it stands in. */
export interface NearSetting {
  readonly guards: Guards
  readonly random: Random
  readonly now: () => number
}

interface Message {
  readonly version: number
  readonly arrivesAt: number
}

/** One process's own copy of the session, kept fresh by the messages that the scripts publish. */
export class NearCache {
  /** What stood when it subscribed anew, and its process's last own write, with the end of its memory of that. */
  #standing = 0
  #own = { version: 0, until: 0 }
  /** Messages reach it. */
  isConnected = true
  /** When it notices that they do not. */
  #noticesAt = Infinity
  #epoch = 1
  #entry: (Ticket & { readonly answer: Answer }) | undefined
  #recent: { readonly version: number; readonly at: number } | undefined
  /** When every version was ended last. */
  #endedAt = -Infinity
  #inbox: Message[] = []
  readonly #setting: NearSetting

  constructor(setting: NearSetting) {
    this.#setting = setting
  }

  read(): Answer | undefined {
    this.#listen()
    const entry = this.#entry
    const now = this.#setting.now()
    if (!entry || now >= this.#noticesAt || entry.epoch !== this.#epoch) return undefined
    return now - entry.at <= NEAR_AGE ? entry.answer : undefined
  }

  /** To be taken before anything is read that may be kept. */
  take(): Ticket {
    return { epoch: this.#epoch, at: this.#setting.now() }
  }

  keep(answer: Answer, ticket: Ticket): void {
    this.#listen()
    const { guards, now } = this.#setting
    const isOld = this.#recent !== undefined && this.#recent.version > answer.version
    const isRecent = this.#recent !== undefined && now() - this.#recent.at <= RECENT
    if (guards.nearRemembersMessages && ((isOld && isRecent) || this.#endedAt >= ticket.at)) return
    const epoch = guards.nearTakesItsEpochFirst ? ticket.epoch : this.#epoch
    const at = guards.nearAgesFromItsTicket ? ticket.at : now()
    this.#entry = { answer, epoch, at }
  }

  /** What this process did itself is no message that it has to wait for. */
  hearOwn(version: number): void {
    const { guards, now } = this.#setting
    if (guards.nearHearsItself) this.#hear({ version, arrivesAt: now() })
    this.#own = { version: Math.max(this.#own.version, version), until: now() + RECENT }
  }

  /**
   * What it may not answer less than: what stood when it subscribed anew, and its process's own writes as long as it
   * remembers them. A cache that could not be told for longer than that answers with less until it is repaired.
   */
  get floor(): number {
    const isRemembered = this.#setting.now() <= this.#own.until
    return Math.max(this.#standing, isRemembered ? this.#own.version : 0)
  }

  /** A message of the bus, which arrives in a while, or never. */
  send(version: number): void {
    const { now, random } = this.#setting
    const arrivesAt = now() + random.below(BUS_DELAY)
    if (this.isConnected) this.#inbox.push({ version, arrivesAt })
  }

  /** The connection breaks: what is on its way is lost. It is noticed within a heartbeat. */
  disconnect(): void {
    const { now, random } = this.#setting
    this.#listen()
    this.isConnected = false
    this.#noticesAt = now() + random.below(HEARTBEAT)
    this.#inbox = []
  }

  /** What was missed is unknown: the epoch moves. */
  subscribe(floor: number): void {
    this.isConnected = true
    this.#noticesAt = Infinity
    if (this.#setting.guards.nearMovesItsEpoch) this.#epoch += 1
    this.#standing = Math.max(this.#standing, floor)
  }

  #listen(): void {
    const now = this.#setting.now()
    const arrived = this.#inbox.filter(({ arrivesAt }) => arrivesAt <= now)
    this.#inbox = this.#inbox.filter(({ arrivesAt }) => arrivesAt > now)
    for (const message of arrived) this.#hear(message)
  }

  /** Below this version nothing is answered any more. */
  #hear({ version, arrivesAt }: Message): void {
    if (version === Infinity) this.#endedAt = Math.max(this.#endedAt, arrivesAt)
    else if (version >= (this.#recent?.version ?? 0)) this.#recent = { version, at: arrivesAt }
    if (this.#entry && this.#entry.answer.version < version) this.#entry = undefined
  }
}
