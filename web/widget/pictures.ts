import { pictureAddress } from '../common/links'
import type { Outgoing } from '../common/outbox'
import { fitted } from '../common/picture'
import type { ReadyPicture } from '../common/picture'
import type { Attachment, Sender } from '../common/types'
import { h } from './dom'
import type { Entry } from './timeline'
import { frame } from './tray'

export interface PictureActions {
  /** Where pictures lie: the server's origin. */
  readonly base: string
  /** The same picture at addresses that have not expired. */
  freshPicture(id: string): Promise<Attachment>
  /** The picture of a message that has not arrived, or null if it was lost. */
  outgoingPicture(id: string): Promise<ReadyPicture | null>
  view(picture: HTMLImageElement, opener: HTMLElement): void
}

const SHOWN_SIDE = 200
const WHOSE: Record<Sender, string> = { shopper: '您发送的图片', bot: '图片', agent: '客服发送的图片', system: '图片' }

/** A picture in the talk, small; a press shows it large. */
export function pictureButton(attachment: Attachment, from: Sender, actions: PictureActions): HTMLElement {
  const title = WHOSE[from]
  const size = fitted(attachment.width, attachment.height, SHOWN_SIDE)
  const small = image(attachment, 'thumbnail_url', title, actions, { ...size, loading: 'lazy' })
  const button = h('button', { type: 'button', class: 'picture', 'aria-label': `查看${title}` }, small)
  button.addEventListener('click', () => {
    const { width, height } = attachment
    actions.view(image(attachment, 'url', title, actions, { width, height }), button)
  })
  return button
}

/** A picture on its way, with how much of it has left. */
export function outgoingPicture(message: Outgoing, actions: PictureActions): HTMLElement {
  const meter = h('progress', { max: 1, value: 0, 'aria-label': '上传进度', hidden: true })
  const place = h('div', { class: 'picture waiting' }, frame(null, WHOSE.shopper), meter)
  void actions.outgoingPicture(message.id).then((picture) => {
    if (picture) place.firstElementChild?.replaceWith(frame(picture, WHOSE.shopper))
  })
  return place
}

/** Bring the meters of the pictures in `log` up to date, without building anything anew. */
export function drawProgress(log: HTMLElement, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.kind !== 'outgoing' || entry.message.progress === undefined) continue
    const { id, progress, delivery } = entry.message
    const meter = log.querySelector<HTMLProgressElement>(`[data-key="${id}"] progress`)
    if (!meter) continue
    meter.value = progress
    meter.hidden = delivery !== 'sending'
  }
}

function image(
  attachment: Attachment,
  which: 'url' | 'thumbnail_url',
  alt: string,
  actions: PictureActions,
  more: Record<string, unknown>,
): HTMLImageElement {
  const address = (one: Attachment) => pictureAddress(one[which], actions.base)
  const picture = h('img', { src: address(attachment), alt, decoding: 'async', ...more })
  let renewed = false
  picture.addEventListener('error', () => {
    if (renewed) return lost(picture)
    // The page may have been open for longer than an address is good for.
    renewed = true
    actions.freshPicture(attachment.id).then(
      (fresh) => {
        const src = address(fresh)
        if (src === null) lost(picture)
        else picture.src = src
      },
      () => lost(picture),
    )
  })
  return picture
}

function lost(picture: HTMLImageElement): void {
  picture.replaceWith(h('span', { class: 'lost' }, '图片无法显示，可能已过保存期限'))
}
