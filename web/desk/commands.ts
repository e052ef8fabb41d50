import { onScopeDispose } from 'vue'

export type Command =
  | 'next'
  | 'previous'
  | 'claim'
  | 'reply'
  | 'note'
  | 'canned'
  | 'suggestion'
  | 'transfer'
  | 'invite'
  | 'handBack'
  | 'end'
  | 'tags'
  | 'side'
  | 'help'

export interface Shortcut {
  command: Command
  keys: string[]
  title: string
}

/** What the keyboard does outside the composer. */
export const SHORTCUTS: { title: string; shortcuts: Shortcut[] }[] = [
  {
    title: '会话之间',
    shortcuts: [
      { command: 'next', keys: ['J', 'Ctrl + ↓'], title: '下一个会话' },
      { command: 'previous', keys: ['K', 'Ctrl + ↑'], title: '上一个会话' },
      { command: 'claim', keys: ['Alt + Q'], title: '接待：打开的排队会话，否则排在最前的一个' },
      { command: 'side', keys: ['Alt + 1 … 6'], title: '切换右侧资料页' },
    ],
  },
  {
    title: '回复',
    shortcuts: [
      { command: 'reply', keys: ['R'], title: '开始输入回复' },
      { command: 'canned', keys: ['/'], title: '快捷回复' },
      { command: 'suggestion', keys: ['Alt + A'], title: '取用机器人的第一条建议' },
      { command: 'note', keys: ['Alt + N'], title: '在回复与内部备注之间切换' },
    ],
  },
  {
    title: '处理',
    shortcuts: [
      { command: 'transfer', keys: ['Alt + T'], title: '转接' },
      { command: 'invite', keys: ['Alt + I'], title: '邀请同事协助' },
      { command: 'handBack', keys: ['Alt + B'], title: '交还机器人' },
      { command: 'end', keys: ['Alt + E'], title: '结束会话' },
      { command: 'tags', keys: ['Alt + G'], title: '标签' },
      { command: 'help', keys: ['?'], title: '查看全部快捷键' },
    ],
  },
]

const IN_FIELD = [
  { keys: ['Enter'], title: '发送' },
  { keys: ['Ctrl + Enter'], title: '不看新消息提示，直接发送' },
  { keys: ['Shift + Enter'], title: '换行' },
  { keys: ['Esc'], title: '收起菜单，再按离开输入框' },
]

/** The help sheet, as it stands here. */
export const ALL_KEYS = [...SHORTCUTS, { title: '输入框内', shortcuts: IN_FIELD }]

const WITH_ALT: Record<string, Command> = {
  KeyQ: 'claim',
  KeyA: 'suggestion',
  KeyN: 'note',
  KeyT: 'transfer',
  KeyI: 'invite',
  KeyB: 'handBack',
  KeyE: 'end',
  KeyG: 'tags',
}
const ALONE: Record<string, Command> = { j: 'next', k: 'previous', r: 'reply', '/': 'canned', '?': 'help' }

export interface Pressed {
  command: Command
  /** For `side`: which page, from 0. */
  index: number
}

/** What a key asks for; letters alone count only while nothing is being typed. */
export function commandOf(event: Pick<KeyboardEvent, 'key' | 'code' | 'altKey' | 'ctrlKey' | 'metaKey' | 'isComposing'>, typing: boolean): Pressed | null {
  const { key, code, altKey, isComposing } = event
  const control = event.ctrlKey || event.metaKey
  if (isComposing) return null
  const found = (command: Command | undefined, index = 0) => (command ? { command, index } : null)
  if (control && !altKey) return found(key === 'ArrowDown' ? 'next' : key === 'ArrowUp' ? 'previous' : undefined)
  if (altKey && !control) {
    const digit = /^Digit([1-6])$/.exec(code)
    return digit ? found('side', Number(digit[1]) - 1) : found(WITH_ALT[code])
  }
  return control || typing ? null : found(ALONE[key.toLowerCase()])
}

type Handlers = Partial<Record<Command, (index: number) => void>>
const listening: Handlers[] = []

/** Heed commands for as long as the component lives; who came last is asked first. */
export function useCommands(handlers: Handlers): void {
  listening.push(handlers)
  onScopeDispose(() => listening.splice(listening.indexOf(handlers), 1))
}

/** Hear the keyboard; returns how to stop. */
export function listenForCommands(): () => void {
  const heard = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.repeat || dialogOpen()) return
    const pressed = commandOf(event, isTyping(event.target))
    if (!pressed) return
    const handler = listening.findLast((handlers) => handlers[pressed.command])?.[pressed.command]
    if (!handler) return
    event.preventDefault()
    handler(pressed.index)
  }
  document.addEventListener('keydown', heard)
  return () => document.removeEventListener('keydown', heard)
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName)
}

function dialogOpen(): boolean {
  return [...document.querySelectorAll<HTMLElement>('[aria-modal="true"]')].some((dialog) => dialog.getClientRects().length > 0)
}
