/** What is said to a visitor, by code: tRPC's own, or an application's. */
export type ErrorMessages = Readonly<Record<string, string>>

/** What is said where nothing else is given. */
const english: ErrorMessages = {
  BAD_REQUEST: 'The request can not be understood',
  UNAUTHORIZED: 'Please log in',
  FORBIDDEN: 'This is not for you',
  NOT_FOUND: 'There is no such thing',
  CONFLICT: 'That is taken already',
  TOO_MANY_REQUESTS: 'Please wait a while, and try again',
  SERVICE_UNAVAILABLE: 'This can not be told just now, please try again',
  INTERNAL_SERVER_ERROR: 'Something went wrong here',
}

/** The message of a code: as given, else in English; a code that nobody knows went wrong here. */
export function errorMessage(code: string, given: ErrorMessages = {}): string {
  const held = [given, english].find((messages) => Object.hasOwn(messages, code))
  return held?.[code] ?? english['INTERNAL_SERVER_ERROR'] ?? code
}
