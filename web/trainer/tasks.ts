import 'element-plus/es/components/message/style/css'

import { ElMessage } from 'element-plus'
import { ref } from 'vue'
import type { Ref } from 'vue'

import { sentenceOf } from '../common/problem'

export function say(message: string): void {
  ElMessage({ message, type: 'success', duration: 3000, grouping: true })
}

export function complain(error: unknown): void {
  ElMessage({ message: sentenceOf(error), type: 'error', duration: 6000, showClose: true, grouping: true })
}

/** Runs one thing at a time; says in Chinese what went wrong. */
export function useTask(): { busy: Ref<boolean>; run: (work: () => Promise<void>) => Promise<boolean> } {
  const busy = ref(false)
  async function run(work: () => Promise<void>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    try {
      await work()
      return true
    } catch (error) {
      complain(error)
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, run }
}

/** Loads what a page shows; an answer to an older question is dropped. */
export function useLoad(load: () => Promise<void>): { loading: Ref<boolean>; trouble: Ref<string | null>; again: () => Promise<void> } {
  const loading = ref(false)
  const trouble = ref<string | null>(null)
  async function again(): Promise<void> {
    loading.value = true
    trouble.value = null
    try {
      await load()
    } catch (error) {
      trouble.value = sentenceOf(error)
    } finally {
      loading.value = false
    }
  }
  return { loading, trouble, again }
}
