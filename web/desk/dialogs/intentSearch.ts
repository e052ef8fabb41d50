import type { Intent } from '../types'

/** Where in `text` the signs stand whose pinyin was typed, without a gap; null for nowhere. */
type Matcher = (text: string, typed: string, how: { continuous: true }) => number[] | null

/**
 * Intents for what was typed: part of the Chinese title or name, or pinyin, in full or by initials
 * (退货退款 by 退货, tuihuo or thtk).
 */
export function searchIntents(intents: readonly Intent[], typed: string, pinyin: Matcher | null): Intent[] {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return [...intents]
  const rank = (one: Intent) => {
    if (one.title.startsWith(wanted)) return 0
    if (one.title.includes(wanted)) return 1
    const spelt = pinyin && /^[a-z]+$/.test(wanted) ? pinyin(one.title, wanted, { continuous: true }) : null
    if (spelt) return spelt[0] === 0 ? 2 : 3
    return one.name.includes(wanted) ? 4 : 9
  }
  return intents
    .map((one) => ({ one, rank: rank(one) }))
    .filter((found) => found.rank < 9)
    .sort((a, b) => a.rank - b.rank)
    .map((found) => found.one)
}
