import { shallowRef } from 'vue'
import type { ShallowRef } from 'vue'

import type { Conflict, Finding } from '../api/types'
import { complain } from '../tasks'
import { conflictIn, findingsIn } from './refusals'

/** A save that shows a conflict or findings where the server tells of them. */
export function useSaving(): {
  conflict: ShallowRef<Conflict | null>
  refused: ShallowRef<Finding[]>
  busy: ShallowRef<boolean>
  save: (work: () => Promise<void>) => Promise<boolean>
} {
  const conflict = shallowRef<Conflict | null>(null)
  const refused = shallowRef<Finding[]>([])
  const busy = shallowRef(false)
  async function save(work: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    refused.value = []
    try {
      await work()
      return true
    } catch (error) {
      conflict.value = conflictIn(error)
      refused.value = findingsIn(error)
      if (!conflict.value) complain(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { conflict, refused, busy, save }
}
