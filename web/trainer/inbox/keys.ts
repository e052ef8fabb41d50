export type Command =
  | { name: 'choose'; index: number }
  | { name: 'search' | 'skip' | 'outOfScope' | 'newIntent' | 'undo' | 'next' | 'previous' | 'group' | 'approve' | 'commit' | 'help' }

export interface Shortcut {
  keys: string[]
  title: string
}

/** What the keyboard does; the help sheet lists it as it stands here. */
export const SHORTCUTS: { title: string; shortcuts: Shortcut[] }[] = [
  {
    title: '标注',
    shortcuts: [
      { keys: ['1', '…', '9'], title: '选第几个意图' },
      { keys: ['/'], title: '按中文名或拼音首字母找意图' },
      { keys: ['O'], title: '超出范围（与购物无关）' },
      { keys: ['N'], title: '需要新意图' },
      { keys: ['S'], title: '跳过' },
      { keys: ['Z'], title: '撤销上一步' },
    ],
  },
  {
    title: '消息之间',
    shortcuts: [
      { keys: ['J', '↓'], title: '下一条' },
      { keys: ['K', '↑'], title: '上一条' },
      { keys: ['G'], title: '相似的消息一起标注，或只标这一条' },
      { keys: ['A'], title: '复核通过（已标注的消息）' },
      { keys: ['W'], title: '写入训练数据' },
      { keys: ['?'], title: '查看全部快捷键' },
    ],
  },
  {
    title: '找意图时',
    shortcuts: [
      { keys: ['↑', '↓'], title: '上下选择' },
      { keys: ['Enter'], title: '标注为选中的意图' },
      { keys: ['Esc'], title: '收起' },
    ],
  },
]

const ALONE: Record<string, Exclude<Command['name'], 'choose'>> = {
  '/': 'search',
  s: 'skip',
  o: 'outOfScope',
  n: 'newIntent',
  z: 'undo',
  j: 'next',
  arrowdown: 'next',
  k: 'previous',
  arrowup: 'previous',
  g: 'group',
  a: 'approve',
  w: 'commit',
  '?': 'help',
  // What a Chinese keyboard types for them.
  '、': 'search',
  '？': 'help',
}

type Pressed = Pick<KeyboardEvent, 'key' | 'altKey' | 'ctrlKey' | 'metaKey' | 'isComposing'>

/** What a key asks for; nothing while something is being typed or with a control key. */
export function commandOf(event: Pressed, typing: boolean): Command | null {
  if (typing || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return null
  if (/^[1-9]$/.test(event.key)) return { name: 'choose', index: Number(event.key) - 1 }
  const name = ALONE[event.key.toLowerCase()]
  return name ? { name } : null
}

/** Whether keys belong to what has the focus: a field, a dialog, an open menu. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.matches('input:not([type=checkbox]), textarea, select, [contenteditable]') || target.closest('[role=dialog], [role=listbox]') !== null
}
