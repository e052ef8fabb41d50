import type { Detail, Understanding } from './types'

const ASKING_FOR_A_PERSON = 'human_agent'
export const NOT_UNDERSTOOD = 'nlu_fallback'
const WORTH_NAMING = 0.05

/**
 * What the talk is about: the last words that the bot read, other than the call for a person,
 * which everybody understands. The same message the desk marks as rightly or wrongly read.
 */
export function matterOf(detail: Detail): { text: string; intent: string | null } | null {
  const read = readings(detail)
  return read.findLast((one) => one.intent !== ASKING_FOR_A_PERSON) ?? read.at(-1) ?? null
}

/** How the bot read the talk; before packets were frozen only its last reading is known. */
export function readings(detail: Detail): Understanding[] {
  const { packet, parse } = detail
  const list = packet?.understanding ?? (parse?.text ? [{ text: parse.text, intent: parse.intent?.name ?? null, confidence: parse.intent?.confidence ?? null, alternatives: [] }] : [])
  return list.map((one) => ({
    ...one,
    ...(one.intent === NOT_UNDERSTOOD ? { intent: null, confidence: null } : {}),
    alternatives: one.alternatives.filter((other) => other.confidence >= WORTH_NAMING && other.name !== one.intent).slice(0, 3),
  }))
}
