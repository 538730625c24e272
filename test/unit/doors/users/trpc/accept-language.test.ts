import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { chooseLocale } from '../../../../../src/doors/users/trpc/accept-language.js'
import { checkProperty } from '../../../../integration/properties/check-property.js'

const spoken = ['en', 'de', 'pt-BR', 'zh-Hant'] as const

describe('the locale of a visitor', () => {
  it.each([
    ['', 'en'],
    ['de', 'de'],
    ['DE', 'de'],
    ['de-AT', 'de'],
    ['de-DE-1996', 'de'],
    ['fr, de', 'de'],
    ['fr;q=0.9, de;q=0.8, en;q=0.7', 'de'],
    ['en;q=0.3, de;q=0.4', 'de'],
    ['en;q=0.4, de;q=0.4', 'en'],
    ['de;q=0.4, en;q=0.4', 'de'],
    ['en ; q=0.5 , de ; q=0.501', 'de'],
    ['pt', 'pt-BR'],
    ['pt-br', 'pt-BR'],
    ['pt-PT', 'en'],
    ['zh-Hant-CN-x-private', 'zh-Hant'],
    ['zh-Hans', 'en'],
    ['*', 'en'],
    ['fr, *;q=0.1', 'en'],
    ['en;q=0.1, *;q=0.5', 'de'],
    ['en;q=0, *', 'de'],
    ['de;q=0, fr', 'en'],
    ['de;q=0', 'en'],
    ['de-AT;q=0', 'en'],
    ['pt;q=0, pt-BR', 'pt-BR'],
    ['pt-BR;q=0, pt', 'en'],
    ['*;q=0', 'en'],
    ['de;q=1.5', 'en'],
    ['de;q=1.000', 'de'],
    ['de;q=0.1234', 'en'],
    ['de;q=-1', 'en'],
    ['de;q', 'en'],
    ['de;level=1', 'en'],
    ['de_AT', 'en'],
    ['toolonglanguage', 'en'],
    [`${'x,'.repeat(40)}de`, 'en'],
    [`${' '.repeat(1000)}de`, 'en'],
  ])('who sends %j is %j', (header, locale) => {
    expect(chooseLocale(header, spoken)).toBe(locale)
  })

  it('is the only one there is, whatever the visitor wants', () => {
    expect(chooseLocale('de;q=0, *;q=0', ['de'])).toBe('de')
  })

  it('is one of those that are spoken, whatever the header holds', async () => {
    const parts = fc.constantFrom(
      'de',
      'en',
      '-AT',
      '*',
      ';q=',
      '0',
      '0.5',
      '1',
      ',',
      ' ',
      ';',
      '-',
    )
    const headers = fc.oneof(fc.string({ unit: parts }), fc.string())
    await checkProperty(headers, { runs: 1000 }, async (header) => {
      expect(spoken).toContain(chooseLocale(header, spoken))
    })
  })

  it('is the one with the highest q of those that are named', async () => {
    const qualities = fc.uniqueArray(fc.integer({ min: 1, max: 999 }), {
      minLength: 3,
      maxLength: 3,
    })
    await checkProperty(qualities, { runs: 200 }, async (each) => {
      const locales = ['aa', 'bb', 'cc'] as const
      const header = each.map((q, at) => `${locales[at]};q=0.${String(q).padStart(3, '0')}`)

      expect(chooseLocale(header.join(), locales)).toBe(locales[each.indexOf(Math.max(...each))])
    })
  })
})
