/** A secret that was made by chance has more. */
const FEWEST_CHARACTERS = 32
const FEWEST_DIFFERENT_CHARACTERS = 8

/** What stands in documents and samples, to be replaced. */
const PLACEHOLDER =
  /change[-_ ]?(?:me|this|it)|replace[-_ ]?(?:me|this|with)|your[-_ ]|placeholder|example|password|keyboard|default|insecure|(?:jwt|session|encryption|auth|cookie)[-_ ]?(?:secret|key)|(?:super|top|my)[-_ ]?secret|at[-_ ]?least|characters/i

/**
 * Why a text is no secret, as the end of a sentence that begins with its name; `undefined` where nothing
 * speaks against it. Length alone is not strength (NIST SP 800-63B, 5.1.1.2). The text is no part of it.
 */
export function weaknessOf(secret: unknown): string | undefined {
  if (typeof secret !== 'string' || secret.length < FEWEST_CHARACTERS) {
    return `must have at least ${FEWEST_CHARACTERS} characters`
  }
  if (PLACEHOLDER.test(secret)) return 'is a placeholder'
  const different = new Set(secret).size
  if (different < FEWEST_DIFFERENT_CHARACTERS || repeatsItself(secret)) {
    return 'repeats a few characters'
  }
  return undefined
}

/** Whether it is some shorter text again and again. */
function repeatsItself(secret: string): boolean {
  // A text is found in two of itself before its end only where it is made of repetitions.
  return (secret + secret).indexOf(secret, 1) < secret.length
}
