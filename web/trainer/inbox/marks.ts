import type { Mark } from '../api/types'

export interface Piece {
  text: string
  entity: string | null
}

/** The text cut at its marks, in order. */
export function pieces(text: string, marks: readonly Mark[]): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (const mark of [...marks].sort((a, b) => a.start - b.start)) {
    if (mark.start > at) found.push({ text: text.slice(at, mark.start), entity: null })
    found.push({ text: text.slice(mark.start, mark.end), entity: mark.entity })
    at = mark.end
  }
  if (at < text.length) found.push({ text: text.slice(at), entity: null })
  return found
}

/** Whether nothing is marked yet between these places. */
export function clear(marks: readonly Mark[], start: number, end: number): boolean {
  return marks.every((mark) => mark.end <= start || mark.start >= end)
}
