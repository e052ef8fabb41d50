export interface DiffLine {
  kind: 'added' | 'removed' | 'place' | 'same'
  text: string
}

/** The lines of a unified diff, without its header. */
export function readDiff(diff: string): DiffLine[] {
  return diff
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--- ') && !line.startsWith('+++ '))
    .map((line) => {
      if (line.startsWith('@@')) return { kind: 'place', text: line }
      if (line.startsWith('+')) return { kind: 'added', text: line.slice(1) }
      if (line.startsWith('-')) return { kind: 'removed', text: line.slice(1) }
      return { kind: 'same', text: line.slice(1) }
    })
}

/** Lines that only one of two texts has, removed before added, in their order. */
export function changedLines(before: string, after: string): DiffLine[] {
  const old = before.split('\n')
  const now = after.split('\n')
  const removed = without(old, now).map((text): DiffLine => ({ kind: 'removed', text }))
  return [...removed, ...without(now, old).map((text): DiffLine => ({ kind: 'added', text }))]
}

/** `lines` less those of `others`, each taken once. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    if (count > 0) left.set(line, count - 1)
    return count === 0
  })
}
