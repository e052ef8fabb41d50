export type DialogName = 'transfer' | 'move' | 'invite' | 'handBack' | 'close' | 'tags'
