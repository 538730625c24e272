import { expect, it } from '@jest/globals'
import { toFrames } from '../../../../bench/profile/cpu-profile.js'
import { drawFlames } from '../../../../bench/profile/flame-graph.js'
import { aProfile } from './a-profile.js'

const drawn = drawFlames('A <read>', toFrames(aProfile()))

it('a flame graph shows each frame as wide as it took long, with its share', () => {
  expect(drawn).toContain('<title>get, 70.0 %</title><rect x="16.0" y="128" width="677.1"')
  expect(drawn).toContain('<title>recall, 25.0 %</title><rect x="16.0" y="146" width="241.5"')
})

it('a flame graph tells what each owner did itself', () => {
  for (const text of ['holdfast 40.0 %', 'express 20.0 %', 'engine 10.0 %']) {
    expect(drawn).toContain(`>${text}</text>`)
  }
})

it('a flame graph is as large as what is in it, and the same each time', () => {
  expect(drawn).toContain('height="180"')
  expect(drawFlames('A <read>', toFrames(aProfile()))).toBe(drawn)
})

it('a flame graph has its title as text', () => {
  expect(drawn).toContain('>A &lt;read&gt;</text>')
})

it('a flame graph of nothing is drawn', () => {
  const nothing = { name: 'all', owner: '', micros: 0, callees: [] }
  expect(drawFlames('Nothing', nothing)).toContain('<svg')
})
