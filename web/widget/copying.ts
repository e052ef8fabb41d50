import { h } from './dom'

/** Put `text` on the clipboard; whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  // Missing on plain http and in old webviews, whatever the types say.
  const clipboard = navigator.clipboard as Clipboard | undefined
  try {
    if (clipboard) {
      await clipboard.writeText(text)
      return true
    }
  } catch {
    // Forbidden here: perhaps the older way is not.
  }
  return copySelected(text)
}

function copySelected(text: string): boolean {
  const before = deepFocus()
  const field = h('textarea', { readonly: true, 'aria-hidden': 'true' })
  field.value = text
  // At 16 px, and where it is in sight already, iOS neither zooms nor scrolls.
  Object.assign(field.style, { position: 'fixed', top: '0', left: '0', opacity: '0', fontSize: '16px' })
  document.body.append(field)
  try {
    field.select()
    // iOS selects nothing by `select` alone.
    field.setSelectionRange(0, text.length)
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    field.remove()
    before?.focus()
  }
}

function deepFocus(): HTMLElement | null {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active instanceof HTMLElement ? active : null
}
