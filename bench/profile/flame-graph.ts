import { OURS, ownTimes, type Frame } from './cpu-profile.ts'

const WIDTH = 1000
const MARGIN = 16
const ROW = 18
const HEADER = 92

/** A letter of a name, in pixels. */
const LETTER = 6.4

/** A name that is cut shorter tells nothing. */
const LEAST_LETTERS = 5

/** What is narrower is left out, pixels. */
const NARROWEST = 2

/** So many owners have a colour and a name, as far as there is room. */
const MOST_NAMED = 7

const OUR_COLOUR = '#8fc1f7'
const COLOURS = ['#f6c28b', '#a8d8a0', '#d7b5e8', '#f2a9a9', '#9fd7d3', '#e5dc8d', '#c9b8a3']
const OTHER_COLOUR = '#d5dae0'
const INK = '#1f2328'
const FAINT_INK = '#59636e'

interface Box {
  readonly frame: Frame
  readonly x: number
  readonly depth: number
  readonly width: number
}

/**
 * A flame graph as an SVG: what is below was called by what is above, and what is wide took long. The
 * same profile always gives the same bytes.
 */
export function drawFlames(title: string, root: Frame): string {
  const boxes = boxesOf(root)
  const height = HEADER + (1 + Math.max(0, ...boxes.map(({ depth }) => depth))) * ROW + MARGIN
  const colours = coloursOf(root)
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="Helvetica, Arial, sans-serif">
<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>
<text x="${MARGIN}" y="30" font-size="17" font-weight="bold" fill="${INK}">${escaped(title)}</text>
<text x="${MARGIN}" y="50" font-size="12" fill="${FAINT_INK}">What is below was called by what is above; each one's own share:</text>
${legendOf(root, colours)}
${boxes.map((box) => drawBox(box, { root, colour: colours(box.frame.owner) })).join('\n')}
</svg>
`
}

function boxesOf(root: Frame): readonly Box[] {
  const boxes: Box[] = []
  const scale = (WIDTH - 2 * MARGIN) / Math.max(1, root.micros)
  const place = (frames: readonly Frame[], left: number, depth: number): void => {
    let x = left
    for (const frame of frames) {
      const width = frame.micros * scale
      if (width < NARROWEST) return
      boxes.push({ frame, x, depth, width })
      place(frame.callees, x, depth + 1)
      x += width
    }
  }
  place(root.callees, MARGIN, 0)
  return boxes
}

function coloursOf(root: Frame): (owner: string) => string {
  const others = namedOwners(root).filter((owner) => owner !== OURS)
  const colours = new Map(others.map((owner, nth) => [owner, COLOURS[nth] ?? OTHER_COLOUR]))
  return (owner) => (owner === OURS ? OUR_COLOUR : (colours.get(owner) ?? OTHER_COLOUR))
}

function namedOwners(root: Frame): readonly string[] {
  return [...ownTimes(root).keys()].slice(0, MOST_NAMED)
}

function legendOf(root: Frame, colours: (owner: string) => string): string {
  const times = ownTimes(root)
  let x = MARGIN
  const entries = namedOwners(root).flatMap((owner) => {
    const text = `${owner} ${percent(times.get(owner) ?? 0, root)}`
    const entry = `<rect x="${x}" y="62" width="12" height="12" rx="2" fill="${colours(owner)}"/>
<text x="${x + 17}" y="72" font-size="12" fill="${INK}">${escaped(text)}</text>`
    x += 17 + Math.ceil(text.length * LETTER) + 18
    return x > WIDTH ? [] : [entry]
  })
  return entries.join('\n')
}

function drawBox({ frame, x, depth, width }: Box, { root, colour }: Style): string {
  const y = HEADER + depth * ROW
  const letters = Math.floor((width - 6) / LETTER)
  const text = shortened(frame.name, letters)
  const label =
    text &&
    `<text x="${at(x + 4)}" y="${y + 13}" font-size="11" fill="${INK}">${escaped(text)}</text>`
  return `<g><title>${escaped(`${frame.name}, ${percent(frame.micros, root)}`)}</title><rect x="${at(x)}" y="${y}" width="${at(Math.max(1, width - 0.5))}" height="${ROW - 1}" rx="1.5" fill="${colour}"/>${label}</g>`
}

interface Style {
  readonly root: Frame
  readonly colour: string
}

function shortened(text: string, letters: number): string {
  if (text.length <= letters) return text
  return letters < LEAST_LETTERS ? '' : `${text.slice(0, letters - 1)}…`
}

function percent(micros: number, root: Frame): string {
  return `${((micros / Math.max(1, root.micros)) * 100).toFixed(1)} %`
}

function at(pixels: number): string {
  return pixels.toFixed(1)
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
