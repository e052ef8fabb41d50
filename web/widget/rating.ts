import { sentenceOf } from '../common/problem'
import type { RatingGiven, RatingRequest } from '../common/types'
import type { Opinion } from './api'
import { h } from './dom'

export interface RatingActions {
  /** Nothing comes back where the chat has gone meanwhile. */
  rate(seq: number, opinion: Opinion): Promise<void> | undefined
}

const STARS = ['非常不满意', '不满意', '一般', '满意', '非常满意']
const GOOD = 4
const PRAISE: [string, string][] = [
  ['solved', '解决了问题'],
  ['quick', '回复很快'],
  ['clear', '讲得清楚'],
  ['friendly', '态度亲切'],
]
const BLAME: [string, string][] = [
  ['unsolved', '问题没解决'],
  ['slow', '等待太久'],
  ['unclear', '回答看不懂'],
  ['impolite', '态度不好'],
  ['complicated', '操作太麻烦'],
]
const LONGEST_TEXT = 500

/** The card that asks for stars, or shows those that were given. */
export function ratingCard(request: RatingRequest, given: RatingGiven | null, changeable: boolean, actions: RatingActions): HTMLElement {
  const card = h('section', { class: 'card rating', 'aria-label': '服务评价' })
  if (given) card.append(summary(given, changeable ? () => card.replaceWith(form(request, given, actions)) : null))
  else return form(request, null, actions)
  return card
}

function summary({ stars, reasons, text }: RatingGiven, change: (() => void) | null): HTMLElement {
  const titles = new Map([...PRAISE, ...BLAME])
  const words = reasons.map((reason) => titles.get(reason)).filter(Boolean).join('、')
  return h(
    'div',
    {},
    h('p', { class: 'rating-head' }, '感谢您的评价'),
    h('p', { class: 'given' }, h('span', { class: 'stars', 'aria-hidden': 'true' }, '★'.repeat(stars) + '☆'.repeat(5 - stars)), STARS[stars - 1] ?? '', h('span', { class: 'unseen' }, `，${stars} 星`)),
    words ? h('p', { class: 'quiet-text' }, words) : null,
    text ? h('p', { class: 'quiet-text' }, text) : null,
    change ? h('button', { type: 'button', class: 'copy change', onclick: change }, '修改评价') : null,
  )
}

function form(request: RatingRequest, given: RatingGiven | null, actions: RatingActions): HTMLElement {
  return new RatingForm(request, given, actions).element
}

class RatingForm {
  readonly element: HTMLFormElement
  readonly #name: string
  readonly #word = h('p', { class: 'star-word', 'aria-hidden': 'true' })
  readonly #reasons = h('div', { class: 'chips', role: 'group', 'aria-label': '原因（可多选）' })
  readonly #text = h('textarea', { rows: 2, maxlength: LONGEST_TEXT, placeholder: '还想说点什么？（选填）', 'aria-label': '补充说明' })
  readonly #more: HTMLElement
  readonly #wrong = h('p', { class: 'wrong', role: 'alert', hidden: true })
  readonly #submit = h('button', { type: 'submit', class: 'confirm' }, '提交评价')
  #stars = 0

  constructor(
    private readonly request: RatingRequest,
    given: RatingGiven | null,
    private readonly actions: RatingActions,
  ) {
    this.#name = `stars-${request.seq}`
    this.#more = h('div', { hidden: true }, this.#reasons, this.#text, this.#wrong, this.#submit)
    const stars = h('div', { class: 'star-row' }, ...STARS.map((word, index) => this.#star(word, index + 1)))
    const title = request.served_by === 'agent' ? `请为人工客服${request.name ?? ''}的服务打分` : '请为本次服务打分'
    this.element = h(
      'form',
      { class: 'card rating', 'aria-label': '服务评价' },
      h('fieldset', {}, h('legend', { class: 'rating-head' }, title), stars),
      this.#word,
      this.#more,
    )
    this.element.addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#give()
    })
    if (given) this.#fill(given)
  }

  #star(word: string, value: number): HTMLElement {
    const radio = h('input', { type: 'radio', name: this.#name, value, class: 'unseen' })
    radio.addEventListener('change', () => this.#choose(value))
    return h('label', { class: 'star', title: word }, radio, h('span', { 'aria-hidden': 'true' }, '★'), h('span', { class: 'unseen' }, `${value} 星，${word}`))
  }

  #choose(stars: number, chosen: readonly string[] = []): void {
    const changed = this.#stars === 0 || stars >= GOOD !== this.#stars >= GOOD
    this.#stars = stars
    this.#word.textContent = STARS[stars - 1] ?? ''
    this.element.querySelectorAll('.star').forEach((star, index) => star.classList.toggle('lit', index < stars))
    this.#more.hidden = false
    if (!changed) return
    while (this.#reasons.firstChild) this.#reasons.firstChild.remove()
    for (const [code, title] of stars >= GOOD ? PRAISE : BLAME) {
      const box = h('input', { type: 'checkbox', value: code, class: 'unseen', checked: chosen.includes(code) })
      this.#reasons.append(h('label', { class: 'chip' }, box, h('span', {}, title)))
    }
  }

  #fill({ stars, reasons, text }: RatingGiven): void {
    const radio = this.element.querySelector<HTMLInputElement>(`input[value="${stars}"]`)
    if (radio) radio.checked = true
    this.#choose(stars, reasons)
    this.#text.value = text
  }

  async #give(): Promise<void> {
    if (this.#stars === 0 || this.#submit.disabled) return
    const boxes = Array.from(this.#reasons.querySelectorAll<HTMLInputElement>('input:checked'))
    this.#submit.disabled = true
    this.#say('')
    try {
      await this.actions.rate(this.request.seq, {
        stars: this.#stars,
        reasons: boxes.map((box) => box.value),
        text: this.#text.value.trim(),
      })
      this.#submit.textContent = '已提交'
    } catch (error) {
      this.#say(sentenceOf(error))
      this.#submit.disabled = false
    }
  }

  #say(text: string): void {
    this.#wrong.textContent = text
    this.#wrong.hidden = text === ''
  }
}
