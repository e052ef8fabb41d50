import type { Replayed, ThresholdRow, Verdict } from '../api/types'

/** The row of the threshold nearest to `value`; null without any. */
export function rowAt(rows: readonly ThresholdRow[], value: number): ThresholdRow | null {
  let best: ThresholdRow | null = null
  for (const row of rows) {
    if (best === null || Math.abs(row.threshold - value) < Math.abs(best.threshold - value)) best = row
  }
  return best
}

/** The replayed messages by what became of them. */
export function byVerdict(items: readonly Replayed[]): Record<Verdict, Replayed[]> {
  const found: Record<Verdict, Replayed[]> = { mended: [], broken: [], changed: [] }
  for (const item of items) found[item.verdict].push(item)
  return found
}
