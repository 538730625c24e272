/** A range of an Accept-Language header: a language, perhaps with its region, or `*`. */
interface LanguageRange {
  readonly tag: string
  readonly quality: number
}

/** More of either nobody needs who can read. */
const MOST_CHARACTERS = 1_000
const MOST_RANGES = 32

/** RFC 9110, 12.4.2 and 12.5.4. */
const range =
  /^([a-z]{1,8}(?:-[a-z0-9]{1,8})*|\*)(?:[ \t]*;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/

/**
 * The locale that an Accept-Language header wants most; the first where it wants none of them.
 *
 * By the lookup of RFC 4647, 3.4: `de-AT` is served by `de-AT`, else by `de`; and `de` by `de-AT`
 * where there is no `de`. What has `q=0` is not served. A malformed part says nothing.
 */
export function chooseLocale<Locale extends string>(
  header: string,
  locales: readonly [Locale, ...Locale[]],
): Locale {
  const ranges = readRanges(header)
  const offered = locales.filter((locale) => coveredBy(locale, ranges)?.quality !== 0)
  for (const { tag, quality } of ranges) {
    if (quality === 0) break
    const found =
      tag === '*'
        ? offered.find((locale) => !coveredBy(locale, ranges))
        : (lookUp(tag, offered) ?? offered.find((locale) => isWithin(locale, tag)))
    if (found !== undefined) return found
  }
  return locales[0]
}

/** What it asks for, the dearest wish first. */
function readRanges(header: string): LanguageRange[] {
  const parts = header.slice(0, MOST_CHARACTERS).toLowerCase().split(',', MOST_RANGES)
  const ranges = parts.flatMap((part) => {
    const [, tag, quality = '1'] = range.exec(part.trim()) ?? []
    return tag === undefined ? [] : { tag, quality: Number(quality) }
  })
  return ranges.sort((one, other) => other.quality - one.quality)
}

/** Of the ranges that name a locale, the one that says most. */
function coveredBy(locale: string, ranges: readonly LanguageRange[]): LanguageRange | undefined {
  const [first] = ranges
    .filter(({ tag }) => isWithin(locale, tag))
    .sort((one, other) => other.tag.length - one.tag.length)
  return first
}

function isWithin(locale: string, tag: string): boolean {
  const lower = locale.toLowerCase()
  return lower === tag || lower.startsWith(`${tag}-`)
}

/** As asked, then with less and less behind the language. */
function lookUp<Locale extends string>(
  tag: string,
  locales: readonly Locale[],
): Locale | undefined {
  for (let wanted = tag; wanted !== ''; wanted = withoutLast(wanted)) {
    const found = locales.find((locale) => locale.toLowerCase() === wanted)
    if (found !== undefined) return found
  }
  return undefined
}

/** A single letter only introduces what follows it, and goes with it. */
function withoutLast(tag: string): string {
  return tag.replace(/(?:-[^-])?-?[^-]*$/, '')
}
