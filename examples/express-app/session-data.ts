/** What this application keeps in a session. */
declare module 'express-session' {
  interface SessionData {
    visits?: number
    userId?: string
  }
}

export {}
