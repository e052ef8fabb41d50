import { onUnmounted, ref, watch } from 'vue'
import type { Ref } from 'vue'

import type { TrainerApi } from '../api/trainer'
import type { Finding } from '../api/types'
import { REFUSED } from '../wording'

const PAUSE = 400
/** So many lines are checked as they are typed; the rest when they are saved. */
const MOST = 20

/** The lines that hold something. */
export function linesOf(typed: string): string[] {
  return typed.split('\n').map((line) => line.trim()).filter((line) => line !== '')
}

/** Whether these findings keep a save from going through; made-up numbers may be vouched for. */
export function refuses(findings: readonly Finding[], fictitious: boolean): boolean {
  return findings.some((one) => REFUSED.has(one.kind) && !(fictitious && one.kind === 'personal_data'))
}

/** What is wrong with what is being typed, once the typing pauses. An older answer is dropped. */
export function useChecks(api: Pick<TrainerApi, 'check'>, typed: Ref<string>, intent: () => string): { findings: Ref<Finding[]>; checking: Ref<boolean> } {
  const findings = ref<Finding[]>([])
  const checking = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined
  let asked = 0
  watch([typed, intent], ([text]) => {
    clearTimeout(timer)
    const mine = ++asked
    const lines = linesOf(text).slice(0, MOST)
    findings.value = []
    checking.value = lines.length > 0
    if (lines.length === 0) return
    timer = setTimeout(async () => {
      // A check that does not come is no hindrance: the save checks again.
      const found = await Promise.all(lines.map((line) => api.check(line, intent()).catch(() => [])))
      if (mine !== asked) return
      findings.value = found.flat()
      checking.value = false
    }, PAUSE)
  })
  onUnmounted(() => clearTimeout(timer))
  return { findings, checking }
}
