import fc from 'fast-check'
import { expect, test } from 'vitest'

import { themeVariables } from '../widget/theme'

const colour = fc.integer({ min: 0, max: 0xffffff }).map((value) => `#${value.toString(16).padStart(6, '0')}`)

test('a brand keeps its own colour on light screens', () => {
  expect(themeVariables('#c8102e')['--_brand']).toBe('#c8102e')
})

test('every variable is a colour, and a brand is lighter on dark screens', () => {
  const brightness = (text = '') => [1, 3, 5].reduce((sum, at) => sum + parseInt(text.slice(at, at + 2), 16), 0)
  fc.assert(
    fc.property(colour, (brand) => {
      const variables = themeVariables(brand)
      for (const value of Object.values(variables)) expect(value).toMatch(/^#[0-9a-f]{6}$/)
      expect(brightness(variables['--_dark-brand'])).toBeGreaterThanOrEqual(brightness(brand))
      expect(brightness(variables['--_brand-strong'])).toBeLessThanOrEqual(brightness(brand))
    }),
  )
})

test('what is no colour changes nothing', () => {
  for (const text of ['', 'red', '#fff', 'url(https://evil.example)']) expect(themeVariables(text)).toEqual({})
})

test('what the shopper says stands out from a dark screen, in any brand, and can be read', () => {
  const luminance = (text = '') => {
    const linear = [1, 3, 5].map((at) => {
      const value = parseInt(text.slice(at, at + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0)
  }
  const contrast = (a: string, b = '') => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x)
    return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
  }
  for (const brand of ['#161823', '#c8102e', '#1d5fbf', '#4b3fb5', '#0b6b5e', '#000000']) {
    const deep = themeVariables(brand)['--_dark-deep']
    expect(contrast('#ffffff', deep)).toBeGreaterThan(4.5)
    expect(contrast('#131817', deep)).toBeGreaterThan(1.3)
  }
})
