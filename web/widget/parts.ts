/** What the server takes as one message, in characters. */
export const LONGEST = 2000
/** More at once is no chat any more. */
export const MOST_PARTS = 10

/**
 * `text` as messages of at most `longest` characters: cut after a line or a sentence where there
 * is one in the second half, and never within a character.
 */
export function parts(text: string, longest = LONGEST): string[] {
  const found: string[] = []
  let rest = text.trim()
  while (rest.length > longest) {
    const end = cut(rest, longest)
    found.push(rest.slice(0, end).trimEnd())
    rest = rest.slice(end).trimStart()
  }
  if (rest !== '') found.push(rest)
  return found
}

function cut(text: string, longest: number): number {
  const head = text.slice(0, longest)
  for (const marks of [/\n/g, /[。！？!?；;]/g, /[，,、 ]/g]) {
    const end = Array.from(head.matchAll(marks), (match) => match.index + 1).pop() ?? 0
    if (end > longest / 2) return end
  }
  const last = head.charCodeAt(longest - 1)
  const halfOfPair = last >= 0xd800 && last <= 0xdbff
  return halfOfPair ? longest - 1 : longest
}
