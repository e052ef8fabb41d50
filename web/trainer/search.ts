import type { Intent } from './api/types'

const SHORTEST_NAME = 4

type Named = Pick<Intent, 'name' | 'title' | 'pinyin_initials'>

/** How well `intent` answers to what was typed; lower is better, null is not at all. */
function rank(intent: Named, sought: string): number | null {
  const { title, pinyin_initials: initials, name } = intent
  if (title === sought || initials === sought || name === sought) return 0
  if (title.startsWith(sought)) return 1
  if (initials.startsWith(sought)) return 2
  if (title.includes(sought)) return 3
  if (initials.includes(sought)) return 4
  // Initials are short, and some name or other holds them.
  return sought.length >= SHORTEST_NAME && name.includes(sought) ? 5 : null
}

/** Intents by Chinese title, pinyin initials or name, the best first; all where nothing is sought. */
export function findIntents<T extends Named>(intents: readonly T[], typed: string): T[] {
  const sought = typed.trim().toLowerCase()
  if (sought === '') return [...intents]
  return intents
    .map((intent, index) => ({ intent, index, rank: rank(intent, sought) }))
    .filter((one): one is typeof one & { rank: number } => one.rank !== null)
    .sort((a, b) => a.rank - b.rank || a.index - b.index)
    .map((one) => one.intent)
}
