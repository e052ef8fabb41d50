import fc from 'fast-check'
import { expect, test } from 'vitest'

import { parts } from '../widget/parts'

const words = fc.array(fc.constantFrom('好', '的。', '订单', '😀', '\n', ' ', '，', 'a', '！'), { maxLength: 400 }).map((list) => list.join(''))
const bare = (text: string) => text.replace(/\s/g, '')

test('nothing but blanks at the cuts is lost, and no part is too long or empty', () => {
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 40 }), (text, longest) => {
      const found = parts(text, longest)
      expect(bare(found.join(''))).toBe(bare(text))
      for (const part of found) {
        expect(part.length).toBeLessThanOrEqual(longest)
        expect(part).not.toBe('')
        expect(part).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/)
      }
    }),
  )
})

test('a paste of 10,000 characters becomes five messages or a few more, cut after sentences', () => {
  const found = parts('这是一句话，共有十二个字。'.repeat(770))
  expect(found.length).toBeLessThanOrEqual(6)
  for (const part of found) expect(part.endsWith('。')).toBe(true)
})

test('what fits stays whole', () => {
  expect(parts('  第一行\n第二行 ')).toEqual(['第一行\n第二行'])
  expect(parts(' \n ')).toEqual([])
})
