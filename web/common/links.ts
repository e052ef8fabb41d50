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

function addressOf(text: string): string | null {
  try {
    return new URL(text).href
  } catch {
    return null
  }
}
