/** Give `host` the variables of its style sheet: the page's `--kefu-brand` goes before `colour`. */
export function dress(host: HTMLElement, colour: string): void {
  const own = getComputedStyle(host).getPropertyValue('--kefu-brand').trim()
  for (const [name, value] of Object.entries(themeVariables(own || colour))) host.style.setProperty(name, value)
}

/** A brand's colour as the variables of the style sheet, for light and for dark screens. */
export function themeVariables(colour: string): Record<string, string> {
  if (!/^#[0-9a-f]{6}$/i.test(colour)) return {}
  // A brand that is nearly black would be lost on a dark screen.
  const dim = brightness(colour) < DIM
  const light = mix(colour, WHITE, dim ? 0.8 : 0.55)
  return {
    '--_brand': colour,
    '--_brand-strong': mix(colour, BLACK, 0.2),
    '--_brand-soft': mix(colour, WHITE, 0.89),
    '--_dark-brand': light,
    '--_dark-brand-strong': mix(colour, WHITE, dim ? 0.88 : 0.7),
    '--_dark-brand-soft': mix(light, NIGHT, 0.78),
    '--_dark-on-brand': mix(colour, BLACK, 0.75),
    '--_dark-deep': dim ? mix(colour, WHITE, 0.2) : mix(colour, NIGHT, 0.35),
  }
}

const WHITE = '#ffffff'
const BLACK = '#000000'
const NIGHT = '#131817'
const DIM = 0.15

/** `share` (0 to 1) of `other` in `colour`; CSS's color-mix is missing in the browsers of many phones. */
function mix(colour: string, other: string, share: number): string {
  const theirs = channels(other)
  const mixed = channels(colour).map((value, index) => Math.round(value * (1 - share) + (theirs[index] ?? 0) * share))
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** From 0, black, to 1, white. */
function brightness(colour: string): number {
  return channels(colour).reduce((sum, value) => sum + value, 0) / (3 * 255)
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
}
