/** A request of Express, as far as it is looked at. */
export interface TokenRequest {
  readonly headers: { readonly authorization?: string | undefined }

  /** As Express has worked it out: see its `trust proxy`. */
  readonly ip?: string | undefined
}

/** A response of Express, as far as it is used. */
export interface TokenResponse {
  readonly headersSent: boolean
  status(code: number): this
  set(headers: Readonly<Record<string, string>>): this
  json(body: unknown): unknown
}

/** A middleware, of Express 4 and 5. */
export type ExpressHandler = (
  req: TokenRequest,
  res: unknown,
  next: (error?: unknown) => void,
) => void

/** A middleware for errors: Express knows it by its four parameters. */
export type ExpressErrorHandler = (
  error: unknown,
  req: unknown,
  res: TokenResponse,
  next: (error?: unknown) => void,
) => void
