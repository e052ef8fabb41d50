import { Problem, sentenceOf } from '../common/problem'
import type { VerifyRequest } from '../common/types'
import { h } from './dom'

export interface VerifyActions {
  /** Nothing comes back where the chat has gone meanwhile. */
  verify(verifyId: string, code: string): Promise<{ done: boolean } | undefined>
  resendCode(verifyId: string): Promise<{ resend_at: string } | undefined>
}

const DIGITS = 6
const TICK = 1000
const PURPOSES: Record<string, string> = {
  unlock: '解锁账号',
  reset_password: '重置密码',
  change_phone: '更换绑定手机',
}
// After these the code in the input is worthless: only another one helps.
const WORTHLESS = ['code_expired', 'too_many_tries']
const OVER = ['verification_over', 'verification_not_found', 'conversation_closed']

/** The input for a one-time code. What is typed lives in it alone: no message, no storage. */
export function verifyForm(request: VerifyRequest, actions: VerifyActions): HTMLElement {
  return new VerifyForm(request, actions).element
}

class VerifyForm {
  readonly element: HTMLFormElement
  readonly #input: HTMLInputElement
  readonly #confirm = h('button', { type: 'submit', class: 'confirm', disabled: true }, '确认')
  readonly #wrong: HTMLElement
  readonly #resend = h('button', { type: 'button', class: 'resend' })
  #resendAt: number
  #busy = false
  #over = false

  constructor(
    private readonly request: VerifyRequest,
    private readonly actions: VerifyActions,
  ) {
    const id = `code-${request.verify_id}`
    this.#input = h('input', {
      id,
      type: 'text',
      inputmode: 'numeric',
      autocomplete: 'one-time-code',
      // Room for the blanks of a pasted code.
      maxlength: 2 * DIGITS,
      'aria-describedby': `${id}-hint ${id}-wrong`,
    })
    this.#wrong = h('p', { id: `${id}-wrong`, class: 'wrong', role: 'alert', hidden: true })
    this.#resendAt = Date.now() + waitFrom(request)
    this.element = h(
      'form',
      { class: 'verify', autocomplete: 'off', novalidate: true },
      h('label', { for: id }, `${PURPOSES[request.purpose] ?? '身份验证'}：请输入 ${DIGITS} 位验证码`),
      h('p', { id: `${id}-hint`, class: 'hint' }, request.text),
      h('div', { class: 'line' }, this.#input, this.#confirm),
      this.#wrong,
      this.#resend,
    )
    this.element.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#submit()
    })
    this.#input.addEventListener('input', () => this.#typed())
    this.#resend.addEventListener('click', () => void this.#again())
    this.#count()
  }

  #typed(): void {
    const digits = this.#input.value.normalize('NFKC').replace(/\D/g, '').slice(0, DIGITS)
    if (digits !== this.#input.value) this.#input.value = digits
    this.#say('')
    this.#draw()
  }

  async #submit(): Promise<void> {
    const code = this.#input.value
    if (code.length !== DIGITS || this.#busy || this.#over) return
    await this.#work(async () => {
      await this.actions.verify(this.request.verify_id, code)
      this.#end('验证通过')
    })
    this.#input.value = ''
    this.#draw()
    if (!this.#over && !this.#input.disabled) this.#input.focus()
  }

  async #again(): Promise<void> {
    if (this.#busy || this.#over) return
    await this.#work(async () => {
      const sent = await this.actions.resendCode(this.request.verify_id)
      if (sent) this.#waitFor((Date.parse(sent.resend_at) - Date.now()) / 1000)
      this.#input.disabled = false
      this.#input.value = ''
      this.#input.focus()
    })
  }

  async #work(job: () => Promise<void>): Promise<void> {
    this.#busy = true
    this.#say('')
    this.#draw()
    try {
      await job()
    } catch (error) {
      this.#refused(error)
    }
    this.#busy = false
    this.#draw()
  }

  #refused(error: unknown): void {
    this.#say(sentenceOf(error))
    if (!(error instanceof Problem)) return
    if (error.retryAfter !== null) this.#waitFor(error.retryAfter)
    if (WORTHLESS.includes(error.code)) this.#input.disabled = true
    if (OVER.includes(error.code)) this.#end('')
  }

  #end(text: string): void {
    this.#over = true
    this.#input.disabled = true
    this.#resend.hidden = true
    if (text) this.#confirm.textContent = text
  }

  #say(text: string): void {
    this.#wrong.textContent = text
    this.#wrong.hidden = text === ''
    this.#input.setAttribute('aria-invalid', String(text !== ''))
  }

  #draw(): void {
    this.#confirm.disabled = this.#busy || this.#over || this.#input.disabled || this.#input.value.length !== DIGITS
    const wait = Math.ceil((this.#resendAt - Date.now()) / 1000)
    this.#resend.disabled = this.#busy || wait > 0
    this.#resend.textContent = wait > 0 ? `${wait} 秒后可重新获取` : '重新获取验证码'
  }

  #waitFor(seconds: number): void {
    this.#resendAt = Date.now() + Math.max(0, seconds) * 1000
    this.#count()
  }

  // Ends with the wait, or with the form: it is drawn anew when the talk goes on.
  #count(): void {
    this.#draw()
    if (this.#over || Date.now() >= this.#resendAt) return
    setTimeout(() => this.#count(), TICK)
  }
}

/** Milliseconds until another code may be asked for; a wrong clock makes it no longer than it is. */
function waitFrom(request: VerifyRequest): number {
  const whole = Date.parse(request.resend_at) - Date.parse(request.at)
  return Math.min(whole, Math.max(0, Date.parse(request.resend_at) - Date.now()))
}
