import type { Canned, Colleague } from '../types'

export interface Token {
  /** Where the sign stands, and what follows it up to the caret. */
  start: number
  query: string
}

/** The word being typed after `/` at the start of a line or word, or null. */
export function slashToken(text: string, caret: number): Token | null {
  const found = /(^|\s)\/([^\s/]*)$/.exec(text.slice(0, caret))
  return found ? { start: caret - (found[2] ?? '').length - 1, query: found[2] ?? '' } : null
}

/** The name being typed after `@`, or null. */
export function mentionToken(text: string, caret: number): Token | null {
  const found = /@([\w.\-\u4e00-\u9fff]*)$/.exec(text.slice(0, caret))
  return found ? { start: caret - (found[1] ?? '').length - 1, query: found[1] ?? '' } : null
}

/** `text` with the token up to `caret` made `words`; the caret stands behind them. */
export function completed(text: string, token: Token, caret: number, words: string): { text: string; caret: number } {
  return { text: text.slice(0, token.start) + words + text.slice(caret), caret: token.start + words.length }
}

/** Canned responses for what was typed: by shortcut first, then by title, then by their words. */
export function matchingCanned(list: readonly Canned[], query: string, most = 8): Canned[] {
  const wanted = query.trim().toLowerCase()
  const rank = (one: Canned) => {
    if (one.shortcut.toLowerCase() === wanted) return 0
    if (one.shortcut.toLowerCase().startsWith(wanted)) return 1
    if (one.title.toLowerCase().includes(wanted)) return 2
    return one.text.toLowerCase().includes(wanted) ? 3 : 9
  }
  const ranked = list.map((one) => ({ one, rank: rank(one) })).filter((found) => found.rank < 9)
  return ranked.sort((a, b) => a.rank - b.rank || a.one.shortcut.localeCompare(b.one.shortcut)).slice(0, most).map((found) => found.one)
}

export function matchingColleagues(list: readonly Colleague[], query: string, most = 8): Colleague[] {
  const wanted = query.toLowerCase()
  return list.filter((one) => one.username.toLowerCase().startsWith(wanted) || one.name.toLowerCase().includes(wanted)).slice(0, most)
}
