import { yuan } from '../common/format'
import { fetchJson, Problem, sentenceOf } from '../common/problem'
import { h } from '../widget/dom'
import { KefuChat } from '../widget/index'
import { GOODS } from './goods'
import type { Good } from './goods'
import logo from './icon.svg'

interface DemoProfile {
  profile: string
  brand: string
}

interface DemoShopper {
  account_id: string
  name: string
  hint: string
}

const ASKS = ['我的订单到哪了', '最近有哪些订单', '付款一直失败', '我要退货', '退款什么时候到账', '转人工']
const GUEST: DemoShopper = { account_id: '', name: '访客', hint: '未登录，查询时需核对订单号和手机尾号' }
const CHOICE = 'kefu:demo-shopper'
const PROFILE = 'kefu:demo-profile'
const OWN: DemoProfile = { profile: 'demo', brand: '青禾生活' }

const chat = new KefuChat()
chat.setAttribute('profile', 'demo')
chat.setAttribute('page', '/')
const who = h('p', { class: 'who' })
const choice = h('section', { hidden: true })

function page(): void {
  const intro = h(
    'div',
    { class: 'intro' },
    h('h1', {}, h('span', {}, '好好生活，'), h('span', {}, '从一件趁手的东西开始')),
    h('p', {}, '青禾生活精选居家与通勤好物。订单、物流、支付或退换货有疑问，随时点右下角「在线客服」。'),
  )
  const bar = h('header', { class: 'bar' }, h('div', { class: 'wide' }, brand(), who))
  const goods = h('section', {}, h('h2', {}, '本周精选'), h('div', { class: 'goods' }, ...GOODS.map(goodCard)))
  const main = h('main', { class: 'wide' }, intro, choice, goods)
  document.getElementById('page')?.replaceChildren(bar, main, end())
}

function brand(): HTMLElement {
  return h('div', { class: 'logo' }, h('img', { src: logo, alt: '' }), '青禾生活')
}

function end(): HTMLElement {
  const desk = h('a', { href: '/desk' }, '客服工作台')
  const text = '这是一个演示商店，商品、顾客与订单均为虚构。'
  return h('footer', { class: 'end' }, h('div', { class: 'wide' }, text, desk))
}

function goodCard(good: Good): HTMLElement {
  const ask = () => {
    chat.setAttribute('page', `商品：${good.name}`)
    chat.show()
  }
  return h(
    'article',
    { class: 'good' },
    drawing(good.drawing),
    h('div', {}, h('h3', {}, good.name), h('p', {}, good.detail)),
    h('footer', {}, h('strong', {}, yuan(good.price)), h('button', { type: 'button', onclick: ask, 'aria-label': `咨询${good.name}` }, '咨询')),
  )
}

function drawing(path: string): HTMLElement | SVGSVGElement {
  const space = 'http://www.w3.org/2000/svg'
  const svg = document.createElementNS(space, 'svg')
  svg.setAttribute('viewBox', '0 0 64 64')
  svg.setAttribute('aria-hidden', 'true')
  const line = document.createElementNS(space, 'path')
  line.setAttribute('d', path)
  svg.append(line)
  return svg
}

async function offerShoppers(): Promise<void> {
  choice.replaceChildren(h('h2', {}, '选择一位演示顾客'), h('p', { class: 'hint', role: 'status' }, '正在加载演示顾客…'))
  choice.hidden = false
  let profiles: DemoProfile[]
  let shoppers: DemoShopper[]
  let profile: DemoProfile
  try {
    profiles = await fetchJson<DemoProfile[]>('/api/v1/demo/profiles')
    profile = profiles.find((one) => one.profile === localStorage.getItem(PROFILE)) ?? OWN
    shoppers = await fetchJson<DemoShopper[]>(`/api/v1/demo/shoppers?profile=${encodeURIComponent(profile.profile)}`)
  } catch (error) {
    if (error instanceof Problem && error.status === 404) beNobody()
    else offerAgain(error)
    return
  }
  const all = [...shoppers, GUEST]
  const remembered = localStorage.getItem(CHOICE)
  const chosen = all.find((one) => one.account_id === remembered) ?? all[0] ?? GUEST
  choice.replaceChildren(brandPicker(profiles, profile), picker(all, chosen), asks())
  chat.setAttribute('profile', profile.profile)
  become(chosen)
  if (!chat.isConnected) document.body.append(chat)
}

/** Demo mode is off: whoever comes is a guest. */
function beNobody(): void {
  choice.hidden = true
  if (!chat.isConnected) document.body.append(chat)
}

function offerAgain(error: unknown): void {
  const again = h('button', { type: 'button', onclick: () => void offerShoppers() }, '重试')
  const trouble = h('div', { class: 'trouble', role: 'alert' }, sentenceOf(error), again)
  choice.replaceChildren(h('h2', {}, '演示顾客暂时无法加载'), trouble)
}

/** The page stays 青禾生活's: only the chat becomes the chosen brand's. */
function brandPicker(profiles: readonly DemoProfile[], chosen: DemoProfile): HTMLElement {
  const option = ({ profile, brand }: DemoProfile) => h('option', { value: profile, selected: profile === chosen.profile }, brand)
  const select = h('select', { name: 'profile' }, ...profiles.map(option))
  select.addEventListener('change', () => {
    localStorage.setItem(PROFILE, select.value)
    void offerShoppers()
  })
  return h('label', { class: 'brands' }, '客服品牌', select)
}

function picker(shoppers: readonly DemoShopper[], chosen: DemoShopper): HTMLElement {
  const option = (shopper: DemoShopper) => {
    const radio = h('input', { type: 'radio', name: 'shopper', value: shopper.account_id, checked: shopper === chosen })
    radio.addEventListener('change', () => become(shopper))
    const text = h('span', {}, h('b', {}, shopper.name), h('small', {}, shopper.hint))
    return h('label', { class: 'shopper' }, radio, h('span', { class: 'face', 'aria-hidden': 'true' }, shopper.name.slice(0, 1)), text)
  }
  return h(
    'fieldset',
    {},
    h('legend', {}, '选择一位演示顾客'),
    h('p', { class: 'hint' }, '您将以这位顾客的身份咨询，只能看到该顾客自己的订单。'),
    h('div', { class: 'shoppers' }, ...shoppers.map(option)),
  )
}

function asks(): HTMLElement {
  const button = (text: string) => h('button', { type: 'button', onclick: () => chat.ask(text) }, text)
  return h(
    'div',
    { class: 'try' },
    h('h2', { id: 'try' }, '试着问一问'),
    h('div', { class: 'asks', role: 'group', 'aria-labelledby': 'try' }, ...ASKS.map(button)),
  )
}

function become(shopper: DemoShopper): void {
  localStorage.setItem(CHOICE, shopper.account_id)
  if (shopper.account_id) chat.setAttribute('demo-account', shopper.account_id)
  else chat.removeAttribute('demo-account')
  who.replaceChildren('当前顾客：', h('strong', {}, shopper.name))
}

page()
void offerShoppers()
