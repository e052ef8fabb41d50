import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Ref, ShallowRef } from 'vue'

import { Backoff, pause } from '../common/backoff'
import { Problem, sentenceOf } from '../common/problem'
import { emptyTalk, extend } from '../common/talk'
import type { Talk } from '../common/talk'
import { isStored } from '../common/types'
import type { DeskApi } from './api'
import type { Detail } from './types'

/** One conversation, followed by long polling for as long as the component lives. */
export function useTalk(api: DeskApi, id: string): {
  detail: ShallowRef<Detail | null>
  talk: ShallowRef<Talk>
  problem: Ref<string | null>
} {
  const detail = shallowRef<Detail | null>(null)
  const talk = shallowRef<Talk>(emptyTalk)
  const problem = ref<string | null>(null)
  const stop = new AbortController()
  const backoff = new Backoff()

  async function load(): Promise<void> {
    const loaded = await api.conversation(id)
    detail.value = loaded
    // A long talk comes without its beginning.
    const before = { ...emptyTalk, lastSeq: (loaded.events[0]?.seq ?? 1) - 1 }
    talk.value = { ...extend(before, loaded.events).talk, state: loaded.state }
  }

  async function follow(): Promise<void> {
    const events = await api.events(id, talk.value.lastSeq, stop.signal)
    const extended = extend(talk.value, events.filter(isStored))
    const moved = extended.talk.state !== talk.value.state
    talk.value = extended.talk
    // The hand-off note changes with the state.
    if (moved || extended.gap) await load()
  }

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await (detail.value ? follow() : load())
        problem.value = null
        backoff.reset()
      } catch (error) {
        if (stop.signal.aborted) return
        problem.value = sentenceOf(error)
        if (error instanceof Problem && !error.passes) return
        await pause(backoff.next(), stop.signal)
      }
    }
  }

  onScopeDispose(() => stop.abort())
  void run()
  return { detail, talk, problem }
}
