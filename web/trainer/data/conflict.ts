/** Lines that both have, or a place where the two sides differ. */
export type Piece = { same: string[] } | { mine: string[]; theirs: string[] }

export type Choice = 'mine' | 'theirs' | 'both'

/** The pieces of a text in which git has marked the places in conflict: mine above, theirs below. */
export function readMarked(marked: string): Piece[] {
  const pieces: Piece[] = []
  let same: string[] = []
  let place: { mine: string[]; theirs: string[] } | null = null
  let side: 'mine' | 'base' | 'theirs' = 'mine'
  for (const line of marked.split('\n')) {
    if (line.startsWith('<<<<<<< ')) {
      pieces.push({ same })
      same = []
      place = { mine: [], theirs: [] }
      side = 'mine'
    } else if (place && line.startsWith('||||||| ')) side = 'base'
    else if (place && /^=======\r?$/.test(line)) side = 'theirs'
    else if (place && line.startsWith('>>>>>>> ')) {
      pieces.push(place)
      place = null
    } else if (!place) same.push(line)
    else if (side !== 'base') place[side].push(line)
  }
  pieces.push({ same })
  return pieces
}

/** The whole text, with one choice for each place; 'both' keeps theirs before mine. */
export function settle(pieces: readonly Piece[], choices: readonly Choice[]): string {
  let at = 0
  return pieces
    .flatMap((piece) => {
      if ('same' in piece) return piece.same
      const choice = choices[at++]
      if (choice === 'both') return [...piece.theirs, ...piece.mine]
      return choice === 'mine' ? piece.mine : piece.theirs
    })
    .join('\n')
}
