import { toSessionId, type SessionId } from '../../core/session-id.js'

/** Between two messages that travel as one. No id holds it. */
const SEPARATOR = '\x1e'

/** Tells that what is held of this id below this version is old. */
export function toMessage(id: SessionId, version: number): string {
  return `${id} ${version}`
}

/** Several as one; nothing of none. */
export function joinMessages(messages: readonly string[]): string {
  return messages.join(SEPARATOR)
}

/** Hands on each message that was joined; what is none is left out. */
export function readMessages(
  text: string,
  onMessage: (id: SessionId, version: number) => void,
): void {
  for (const message of text.split(SEPARATOR)) {
    const at = message.lastIndexOf(' ')
    const version = message.slice(at + 1)
    if (at > 0 && /^\d+$/.test(version))
      onMessage(toSessionId(message.slice(0, at)), Number(version))
  }
}
