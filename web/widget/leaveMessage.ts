import { sentenceOf } from '../common/problem'
import type { TicketForm } from './api'
import { h } from './dom'
import { LONGEST } from './parts'

export interface LeaveMessage {
  /** Why a message is left, for the shopper; empty where they chose to. */
  reason: string
  /** Signed in: the answer finds them without a contact. */
  known: boolean
  orderNumber: string
  send(form: TicketForm): Promise<string>
  done(): void
}

const KINDS: [string, string][] = [
  ['callback', '请人工联系我'],
  ['service', '咨询与办理'],
  ['complaint', '投诉'],
  ['technical', '网站或 App 故障'],
  ['feedback', '意见和建议'],
]

/** The form for a message that people answer later. What was written stays until it is taken. */
export function leaveMessageForm(options: LeaveMessage): HTMLElement {
  const kind = h('select', { id: 'm-kind' }, ...KINDS.map(([value, title]) => h('option', { value }, title)))
  const details = h('textarea', { id: 'm-details', rows: 4, required: true, maxlength: LONGEST, placeholder: '请描述您的问题' })
  const contact = h('input', {
    id: 'm-contact',
    type: 'text',
    maxlength: 120,
    autocomplete: 'tel',
    required: !options.known,
    placeholder: '手机号或邮箱，用来通知您结果',
  })
  const order = h('input', { id: 'm-order', type: 'text', maxlength: 40, autocomplete: 'off', value: options.orderNumber || undefined })
  const wrong = h('p', { class: 'wrong', role: 'alert', hidden: true })
  const submit = h('button', { type: 'submit', class: 'decided' }, '提交留言')
  const form = h(
    'form',
    { class: 'sheet-body', novalidate: true },
    options.reason ? h('p', { class: 'why' }, options.reason) : null,
    field('类型', kind),
    field('问题描述', details),
    field(options.known ? '联系方式（选填）' : '联系方式', contact),
    field('订单号（选填）', order),
    wrong,
    submit,
  )
  const say = (text: string) => {
    wrong.textContent = text
    wrong.hidden = text === ''
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const missing = [details, contact].find((one) => one.required && one.value.trim() === '')
    if (missing) {
      say(missing === details ? '请先描述您的问题。' : '请留下手机号或邮箱，以便我们答复您。')
      missing.focus()
      return
    }
    say('')
    submit.disabled = true
    options.send(filled({ kind: kind.value, details: details.value, contact: contact.value, order_number: order.value })).then(
      (text) => thank(form, text, options.done),
      (error: unknown) => {
        submit.disabled = false
        say(sentenceOf(error))
      },
    )
  })
  return form
}

function field(title: string, input: HTMLElement): HTMLElement {
  return h('div', { class: 'field' }, h('label', { for: input.id }, title), input)
}

function filled(form: Required<TicketForm>): TicketForm {
  const { kind, details } = form
  const contact = form.contact.trim()
  const number = form.order_number.trim()
  return { kind, details: details.trim(), ...(contact ? { contact } : {}), ...(number ? { order_number: number } : {}) }
}

function thank(form: HTMLElement, text: string, done: () => void): void {
  const back = h('button', { type: 'button', class: 'decided', onclick: done }, '知道了')
  const thanks = h('div', { class: 'sheet-body' }, h('p', { role: 'status' }, text), back)
  form.replaceWith(thanks)
  back.focus()
}
