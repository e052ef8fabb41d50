import { moment } from '../common/format'
import type { Outgoing } from '../common/outbox'
import type { Button, ChatMessage, ConversationState } from '../common/types'
import { renderCard } from './cards'
import { h, reconcile, richText } from './dom'
import { drawProgress, outgoingPicture, pictureButton } from './pictures'
import type { PictureActions } from './pictures'
import { ratingCard } from './rating'
import type { RatingActions } from './rating'
import type { Entry } from './timeline'
import { verifyForm } from './verify'
import type { VerifyActions } from './verify'

export interface LogActions extends VerifyActions, RatingActions, PictureActions {
  /** Where help articles and pictures lie: the server's origin. */
  readonly base: string
  press(button: Button): void
  retry(id: string): void
  discard(id: string): void
}

const STATES: Record<ConversationState, string> = {
  bot: '智能客服继续为您服务',
  waiting: '转接人工中',
  assigned: '客服已接入',
  closed: '会话已结束',
}
const SENDERS = { shopper: '您', bot: '智能客服', agent: '人工客服', system: '系统提示' }
const DELIVERIES = { waiting: '等待网络，恢复后自动发送', sending: '发送中…', sent: '已发送', failed: '未送达' }

/** Bring the log up to date with `entries`. */
export function renderLog(log: HTMLElement, entries: readonly Entry[], actions: LogActions): void {
  reconcile(log, entries, (entry) => entry.key, markOf, (entry) => build(entry, actions))
  drawProgress(log, entries)
}

function markOf(entry: Entry): string {
  if (entry.kind === 'outgoing') return `${entry.message.delivery} ${entry.message.problem ?? ''}`
  if (entry.kind === 'message') return `m${entry.message.seq} ${entry.live && hasButtons(entry.message)} ${Boolean(entry.message.recalled)}`
  if (entry.kind === 'rating') return `r${entry.given?.seq}`
  if (entry.kind === 'verify') return `v${entry.live}`
  return entry.kind
}

function hasButtons(message: ChatMessage): boolean {
  return Boolean(message.buttons?.length) || Boolean(message.cards?.some((card) => card.buttons?.length))
}

function build(entry: Entry, actions: LogActions): HTMLElement {
  switch (entry.kind) {
    case 'time':
      return h('div', { class: 'time' }, h('time', { datetime: entry.at }, moment(entry.at)))
    case 'state':
      return h('div', { class: 'note' }, h('span', {}, STATES[entry.state]))
    case 'verify':
      if (entry.live) return verifyForm(entry.request, actions)
      return h('div', { class: 'note' }, h('span', {}, entry.request.text))
    case 'outgoing':
      return outgoingBubble(entry.message, actions)
    case 'rating':
      return ratingCard(entry.request, entry.given, entry.changeable, actions)
    case 'message':
      return messageBubble(entry.message, entry.live, actions)
  }
}

function outgoingBubble(message: Outgoing, actions: LogActions): HTMLElement {
  const status = h('div', { class: `status ${message.delivery}` }, deliveryText(message))
  if (message.delivery === 'failed') {
    const retry = () => actions.retry(message.id)
    const discard = () => actions.discard(message.id)
    status.append(' ', h('button', { type: 'button', class: 'retry', onclick: retry }, '重试'))
    status.append(' ', h('button', { type: 'button', class: 'retry', onclick: discard }, '删除'))
  }
  const content = message.picture ? outgoingPicture(message, actions) : bubble('shopper', message.text)
  return h('div', { class: 'row shopper' }, h('div', { class: 'stack' }, content, status))
}

function deliveryText({ delivery, problem }: Outgoing): string {
  return problem ? `${DELIVERIES[delivery]}：${problem}` : DELIVERIES[delivery]
}

function messageBubble(message: ChatMessage, live: boolean, actions: LogActions): HTMLElement {
  const buttons = (list: readonly Button[]) => buttonRow(list, live, actions)
  if (message.recalled) return h('div', { class: 'note' }, h('span', {}, '客服撤回了一条消息'))
  if (message.from === 'system') {
    const note = h('div', { class: 'note' }, h('span', {}, ...richText(message.text ?? '')))
    note.append(buttons(message.buttons ?? []) ?? '')
    return note
  }
  const stack = h('div', { class: message.cards?.length ? 'stack wide' : 'stack' })
  if (message.from === 'agent') stack.append(h('div', { class: 'sender' }, message.name ?? SENDERS.agent))
  const pictures = message.attachments ?? []
  for (const picture of pictures) stack.append(pictureButton(picture, message.from, actions))
  if (message.text && pictures.length === 0) stack.append(bubble(message.from, message.text))
  for (const card of message.cards ?? []) stack.append(renderCard(card, buttons, actions.base) ?? '')
  const row = buttons(message.buttons ?? [])
  if (row) stack.append(row)
  return h('div', { class: `row ${message.from}` }, stack)
}

function bubble(from: 'shopper' | 'bot' | 'agent', text: string): HTMLElement {
  const who = h('span', { class: 'unseen' }, `${SENDERS[from]}：`)
  return h('div', { class: 'bubble' }, who, ...richText(text))
}

function buttonRow(list: readonly Button[], live: boolean, actions: LogActions): HTMLElement | null {
  if (list.length === 0) return null
  const nodes = list.map((button) =>
    h('button', { type: 'button', disabled: !live, onclick: () => actions.press(button) }, button.title),
  )
  return h('div', { class: 'buttons' }, ...nodes)
}
