import { linkPieces } from '../common/links'

type Child = Node | string | null | false

interface Attributes {
  class?: string
  onclick?: (event: MouseEvent) => void
  [name: string]: unknown
}

/** An element with attributes and children; text becomes text nodes, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value as EventListener)
    else element.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) if (child !== null && child !== false) element.append(child)
  return element
}

/** A line icon on a 24-unit grid. */
export function icon(path: string): SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(space, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}

/** Text as nodes; web addresses become links that tell the other site nothing about this one. */
export function richText(text: string): Node[] {
  return linkPieces(text).map((piece) =>
    'href' in piece
      ? h('a', { href: piece.href, target: '_blank', rel: 'noopener noreferrer nofollow' }, piece.text)
      : document.createTextNode(piece.text),
  )
}

/**
 * Make `parent` hold one node per item, in order. A node is built anew only when its item's
 * `mark` changed, so that focus and what a screen reader has read stay where they are.
 */
export function reconcile<T>(
  parent: HTMLElement,
  items: readonly T[],
  keyOf: (item: T) => string,
  markOf: (item: T) => string,
  build: (item: T) => HTMLElement,
): void {
  const old = new Map<string, HTMLElement>()
  for (const child of parent.children) {
    if (child instanceof HTMLElement && child.dataset['key']) old.set(child.dataset['key'], child)
  }
  let before: Element | null = null
  for (const item of items) {
    const key = keyOf(item)
    const mark = markOf(item)
    let node = old.get(key)
    if (node?.dataset['mark'] !== mark) {
      const fresh = build(item)
      fresh.dataset['key'] = key
      fresh.dataset['mark'] = mark
      node?.replaceWith(fresh)
      node = fresh
    }
    old.delete(key)
    const place: Element | null = before ? before.nextElementSibling : parent.firstElementChild
    if (place !== node) parent.insertBefore(node, place)
    before = node
  }
  for (const gone of old.values()) gone.remove()
}
