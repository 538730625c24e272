import { describe, expect, it } from '@jest/globals'
import { drawChart } from '../../../bench/report/charts.js'
import { aCase } from '../../support/bench-results.js'

const OUR_COLOUR = '#0969da'

function svgOf(contestants: readonly string[]): string {
  const figures = contestants.map((contestant, nth) => ({ contestant, perSecond: 1000 - nth }))
  return drawChart(aCase({ figures })) ?? ''
}

describe('drawChart', () => {
  it('shows the title, the names and the numbers on a white ground', () => {
    const svg = drawChart(aCase()) ?? ''
    expect(textsOf(svg)).toEqual(
      expect.arrayContaining([
        'Read, Redis hit',
        'operations/s, more is better',
        'Holdfast, Redis',
        '23,500',
        'connect-redis',
        '15,400',
      ]),
    )
    expect(svg).toMatch(/<rect width="760" height="\d+" x="0" y="0" fill="#ffffff">/)
  })

  it('gives the same bytes for the same case, whatever was drawn before', () => {
    const first = drawChart(aCase())
    svgOf(['Holdfast', 'one', 'another'])
    expect(drawChart(aCase())).toBe(first)
  })

  it('has nothing that moves, or that the browser numbers', () => {
    expect(drawChart(aCase())).not.toMatch(/class=|id=|<style|<script|animat|ecmeta|zr\d/)
  })

  it('draws our bars, and only ours, in our colour', () => {
    expect(svgOf(['Holdfast, Redis', 'connect-redis']).split(OUR_COLOUR)).toHaveLength(2)
    expect(svgOf(['Holdfast, Redis', 'Holdfast, near']).split(OUR_COLOUR)).toHaveLength(3)
    expect(svgOf(['connect-redis', 'not Holdfast'])).not.toContain(OUR_COLOUR)
  })

  it('escapes what a name has of markup', () => {
    expect(svgOf(['<b>&"', 'Holdfast'])).toContain('>&lt;b&gt;&amp;&quot;</text>')
  })

  it('shows both latencies, and no bar where one was not measured', () => {
    const figures = [
      { contestant: 'Holdfast', p50: 1.234, p99: 4 },
      { contestant: 'connect-redis', p50: 2 },
    ]
    const numbers = textsOf(drawChart(aCase({ figures })) ?? '').filter((text) =>
      text.endsWith('ms'),
    )
    expect(numbers.sort()).toEqual(['p50 1.23 ms', 'p50 2 ms', 'p99 4 ms'])
  })

  it('draws nothing where there is nothing to compare', () => {
    expect(drawChart(aCase({ figures: [] }))).toBeUndefined()
  })
})

function textsOf(svg: string): readonly string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text = '']) => text)
}
