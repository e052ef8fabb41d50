export type Piece = { text: string } | { text: string; href: string }

const ADDRESS = /https?:\/\/[^\s<>"'`，。；：！？、（）【】《》「」“”‘’]+/gi

/** Text cut into plain pieces and web addresses; anything but http and https stays plain. */
export function linkPieces(text: string): Piece[] {
  const pieces: Piece[] = []
  let end = 0
  for (const match of text.matchAll(ADDRESS)) {
    const found = match[0].replace(/[.,;:!?)\]]+$/, '')
    const href = addressOf(found)
    if (href === null) continue
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) })
    pieces.push({ text: found, href })
    end = match.index + found.length
  }
  if (end < text.length) pieces.push({ text: text.slice(end) })
  return pieces
}

/** The address of a help article on the server at `base`, or null for any other path. */
export function articleAddress(url: string, base: string): string | null {
  return addressUnder(/^\/help\//, url, base)
}

/** The address of a picture on the server at `base`, or null for any other path. */
export function pictureAddress(url: string, base: string): string | null {
  return addressUnder(/^\/api\/v1\/(desk\/)?attachments\//, url, base)
}

function addressUnder(path: RegExp, url: string, base: string): string | null {
  try {
    const home = new URL(base)
    const found = new URL(url, home)
    const known = found.origin === home.origin && path.test(found.pathname)
    return known && /^https?:$/.test(found.protocol) ? found.href : null
  } catch {
    return null
  }
}

function addressOf(text: string): string | null {
  try {
    return new URL(text).href
  } catch {
    return null
  }
}
