import { computed, ref, shallowRef, watch } from 'vue'
import type { Ref } from 'vue'

import type { Desk } from '../stores/desk'
import type { Canned, Colleague } from '../types'
import type { Choice } from './PickMenu.vue'
import { matchingCanned, matchingColleagues, mentionToken, slashToken } from './tokens'
import type { Token } from './tokens'

export type MenuKind = 'canned' | 'mention'

/** What can be picked for the word at the caret: canned responses after `/`, colleagues after `@` in notes. */
export function useMenu(desk: Desk, text: Ref<string>, caret: Ref<number>, profile: () => string, noting: () => boolean) {
  const canned = shallowRef<Canned[]>([])
  const colleagues = shallowRef<Colleague[]>([])
  const active = ref(0)
  /** The token that was closed by Escape stays closed until it is another one. */
  const closedAt = ref(-1)

  const token = computed<(Token & { kind: MenuKind }) | null>(() => {
    const mention = noting() ? mentionToken(text.value, caret.value) : null
    const slash = noting() ? null : slashToken(text.value, caret.value)
    const found = mention ? { ...mention, kind: 'mention' as const } : slash ? { ...slash, kind: 'canned' as const } : null
    return found && found.start !== closedAt.value ? found : null
  })
  const foundCanned = computed(() => (token.value?.kind === 'canned' ? matchingCanned(canned.value, token.value.query) : []))
  const foundColleagues = computed(() => (token.value?.kind === 'mention' ? matchingColleagues(colleagues.value, token.value.query) : []))
  const choices = computed<Choice[]>(() => [
    ...foundCanned.value.map((one) => ({ key: `c${one.canned_id}`, title: one.title, hint: `/${one.shortcut}`, detail: one.text })),
    ...foundColleagues.value.map((one) => ({ key: `p${one.staff_id}`, title: one.name, hint: `@${one.username}`, detail: '' })),
  ])

  watch(
    () => token.value?.kind,
    async (kind) => {
      // Without the lists the menu says that there is nothing to pick.
      if (kind === 'canned') canned.value = await desk.directory.canned(profile()).catch(() => [])
      if (kind === 'mention') {
        const found = await desk.directory.colleagues().catch(() => [])
        colleagues.value = found.filter((one) => one.staff_id !== desk.user.staff_id)
      }
    },
    { immediate: true },
  )
  watch(text, (now) => {
    if (closedAt.value >= 0 && !/[/@]/.test(now[closedAt.value] ?? '')) closedAt.value = -1
  })

  function move(by: number): void {
    const count = choices.value.length
    if (count > 0) active.value = (active.value + by + count) % count
  }

  return { token, choices, active, foundCanned, foundColleagues, move, close: () => (closedAt.value = token.value?.start ?? -1) }
}
