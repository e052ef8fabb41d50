import type { Item } from '../api/types'
import { FALLBACK, NEW_INTENT } from '../wording'

export interface Choice {
  name: string
  confidence: number | null
  /** Named by an agent or a rule, and not the bot's own first. */
  suggested: boolean
}

const MOST = 9

/** What the keys 1 to 9 stand for: what was suggested first, then the bot's own ranking. */
export function choicesOf(item: Pick<Item, 'ranking' | 'suggested'>): Choice[] {
  const ranked = new Map(item.ranking.map((one) => [one.name, one.confidence]))
  const own = item.ranking.map((one) => one.name)
  const names = [...new Set([...item.suggested, ...own])].filter((name) => name !== FALLBACK && name !== NEW_INTENT)
  const top = own.find((name) => name !== FALLBACK)
  return names.slice(0, MOST).map((name, index) => ({
    name,
    confidence: ranked.get(name) ?? null,
    suggested: index === 0 && name !== top,
  }))
}
