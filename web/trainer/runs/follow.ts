import { onUnmounted } from 'vue'

import type { JobState } from '../api/types'

const EVERY = 2_000

/** Whether a job still has something to tell. */
export function goesOn(job: { state: JobState }): boolean {
  return job.state === 'queued' || job.state === 'running'
}

/** Looks again every two seconds while `wanted`, until the page is left. */
export function useFollow(look: () => Promise<void>, wanted: () => boolean): void {
  let left = false
  let timer: ReturnType<typeof setTimeout> | undefined
  async function round(): Promise<void> {
    // A tab in the background need not know.
    if (wanted() && !document.hidden) await look()
    if (!left) timer = setTimeout(round, EVERY)
  }
  timer = setTimeout(round, EVERY)
  onUnmounted(() => {
    left = true
    clearTimeout(timer)
  })
}
