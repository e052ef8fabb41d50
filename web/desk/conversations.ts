import { onScopeDispose, ref } from 'vue'
import type { Ref } from 'vue'

import { sentenceOf } from '../common/problem'
import type { DeskApi } from './api'
import type { Summary } from './types'

const EVERY = 3000

/** The waiting and the assigned conversations, kept fresh while the page is looked at. */
export function useConversations(api: DeskApi): {
  waiting: Ref<Summary[]>
  assigned: Ref<Summary[]>
  loaded: Ref<boolean>
  problem: Ref<string | null>
  refresh: () => Promise<void>
} {
  const waiting = ref<Summary[]>([])
  const assigned = ref<Summary[]>([])
  const loaded = ref(false)
  const problem = ref<string | null>(null)

  async function refresh(): Promise<void> {
    try {
      const lists = await Promise.all([api.list('waiting'), api.list('assigned')])
      waiting.value = lists[0]
      assigned.value = lists[1]
      loaded.value = true
      problem.value = null
    } catch (error) {
      problem.value = sentenceOf(error)
    }
  }

  const timer = setInterval(() => {
    if (document.visibilityState === 'visible') void refresh()
  }, EVERY)
  onScopeDispose(() => clearInterval(timer))
  void refresh()
  return { waiting, assigned, loaded, problem, refresh }
}
