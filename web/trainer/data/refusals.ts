import { Problem } from '../../common/problem'
import type { Conflict, Finding } from '../api/types'

/** The conflict that a refused save tells of; null for any other failure. */
export function conflictIn(error: unknown): Conflict | null {
  if (!(error instanceof Problem) || error.code !== 'edited_meanwhile') return null
  const { path, theirs, theirs_base: theirsBase, base_text: baseText, merged, marked } = error.fields
  if (typeof path !== 'string' || typeof theirs !== 'string' || typeof theirsBase !== 'string') return null
  const text = (value: unknown) => (typeof value === 'string' ? value : null)
  return { path, theirs, theirs_base: theirsBase, base_text: text(baseText), merged: text(merged), marked: text(marked) }
}

/** Why the data were refused; empty for any other failure. */
export function findingsIn(error: unknown): Finding[] {
  const found = error instanceof Problem && error.code === 'data_refused' ? error.fields['findings'] : null
  return Array.isArray(found) ? (found as Finding[]) : []
}
