import { ref } from 'vue'
import type { Ref } from 'vue'

export type SideTab = 'packet' | 'shopper' | 'tickets' | 'history' | 'articles' | 'notes'

/** The page of the right column; it stays the same from one conversation to the next. */
export const sideTab: Ref<SideTab> = ref('packet')
