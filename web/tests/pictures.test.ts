import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'

import { pictureAddress } from '../common/links'
import { Problem, Unreachable } from '../common/problem'
import type { Attachment, ChatMessage } from '../common/types'
import { renderLog } from '../widget/log'
import type { LogActions } from '../widget/log'
import { Outbox } from '../common/outbox'
import type { Outgoing } from '../common/outbox'
import { fitted, LARGEST_FILE, preparePicture } from '../common/picture'
import { PictureSender } from '../common/pictureSending'
import type { Entry } from '../widget/timeline'
import { MOST_PICTURES, PictureTray } from '../widget/tray'
import { openStorage } from '../common/vault'
import { Viewer } from '../widget/viewer'

const BASE = 'https://kefu.example'
const ID = '00112233445566aa'
const SHOWN: Attachment = {
  id: ID,
  url: `/api/v1/attachments/${ID}?size=full&expires=1&signature=a`,
  thumbnail_url: `/api/v1/attachments/${ID}?size=thumbnail&expires=1&signature=b`,
  width: 1000,
  height: 500,
}
const photo = (size = 10) => new Blob([new Uint8Array(size)], { type: 'image/jpeg' })
const ready = { blob: photo(), preview: null }

const actionsWith = (more: Partial<LogActions> = {}): LogActions => ({
  base: BASE,
  press: vi.fn(),
  retry: vi.fn(),
  discard: vi.fn(),
  verify: vi.fn(),
  resendCode: vi.fn(),
  rate: vi.fn(),
  freshPicture: vi.fn(() => Promise.reject(new Unreachable('gone'))),
  outgoingPicture: () => Promise.resolve(null),
  view: vi.fn(),
  ...more,
})

function draw(entry: Entry, actions = actionsWith()): HTMLElement {
  const log = document.createElement('div')
  renderLog(log, [entry], actions)
  return log
}

const message = (more: Partial<ChatMessage> = {}): Entry => ({
  kind: 'message',
  key: 'm1',
  live: true,
  message: { seq: 1, at: '2026-11-22T08:00:00Z', type: 'message', from: 'shopper', text: '[图片]', attachments: [SHOWN], ...more },
})
const outgoing = (more: Partial<Outgoing> = {}): Entry & { kind: 'outgoing' } => ({
  kind: 'outgoing',
  key: 'x',
  message: { id: 'x', at: '', text: '[图片]', after: 0, delivery: 'waiting', picture: true, ...more },
})

describe('a picture in the talk', () => {
  it('is shown small instead of the words that stand for it, and large on a press', () => {
    const actions = actionsWith()
    const log = draw(message(), actions)
    const small = log.querySelector('img')
    expect(small?.getAttribute('src')).toBe(BASE + SHOWN.thumbnail_url)
    expect([small?.getAttribute('width'), small?.getAttribute('height')]).toEqual(['200', '100'])
    expect(small?.getAttribute('alt')).toBe('您发送的图片')
    expect(log.textContent).not.toContain('[图片]')
    log.querySelector('button')?.click()
    const [large, opener] = vi.mocked(actions.view).mock.calls[0] ?? []
    expect(large?.getAttribute('src')).toBe(BASE + SHOWN.url)
    expect(opener).toBe(log.querySelector('button'))
  })

  it('asks for another address once when the first has expired', async () => {
    const fresh = { ...SHOWN, thumbnail_url: `/api/v1/attachments/${ID}?size=thumbnail&expires=2&signature=c` }
    const actions = actionsWith({ freshPicture: vi.fn(() => Promise.resolve(fresh)) })
    const log = draw(message(), actions)
    const small = log.querySelector('img')
    small?.dispatchEvent(new Event('error'))
    await vi.waitFor(() => expect(small?.getAttribute('src')).toContain('signature=c'))
    small?.dispatchEvent(new Event('error'))
    expect(actions.freshPicture).toHaveBeenCalledTimes(1)
    expect(log.textContent).toContain('图片无法显示')
  })

  it('says so when it is gone', async () => {
    const log = draw(message())
    log.querySelector('img')?.dispatchEvent(new Event('error'))
    await vi.waitFor(() => expect(log.textContent).toContain('图片无法显示'))
  })

  it.each(['https://evil.example/api/v1/attachments/x', '//evil.example/api/v1/attachments/x', 'javascript:alert(1)', '/help/x', '/api/v1/shopper/close'])(
    'is never loaded from %s',
    (url) => {
      expect(pictureAddress(url, BASE)).toBeNull()
      const log = draw(message({ attachments: [{ ...SHOWN, thumbnail_url: url }] }))
      expect(log.querySelector('img')?.hasAttribute('src')).toBe(false)
    },
  )
})

describe('a picture on its way', () => {
  it('shows how much of it has left without being built anew', () => {
    const entry = outgoing({ delivery: 'sending', progress: 0.2 })
    const log = draw(entry)
    const meter = log.querySelector('progress')
    expect(meter?.hidden).toBe(false)
    entry.message.progress = 0.7
    renderLog(log, [entry], actionsWith())
    expect(log.querySelector('progress')).toBe(meter)
    expect(meter?.value).toBeCloseTo(0.7)
  })

  it('can be tried again or taken back once it was refused', () => {
    const actions = actionsWith()
    const log = draw(outgoing({ delivery: 'failed', problem: '这张图片打不开' }), actions)
    expect(log.textContent).toContain('这张图片打不开')
    const [again, away] = log.querySelectorAll<HTMLButtonElement>('.retry')
    again?.click()
    away?.click()
    expect(actions.retry).toHaveBeenCalledWith('x')
    expect(actions.discard).toHaveBeenCalledWith('x')
  })
})

describe('sending', () => {
  const api = { upload: vi.fn(), send: vi.fn() }
  const notes = { uploaded: vi.fn(), progress: vi.fn() }
  let sender: PictureSender

  beforeEach(() => {
    vi.resetAllMocks()
    api.upload.mockResolvedValue(SHOWN)
    api.send.mockResolvedValue({ seq: 3 })
    notes.uploaded.mockImplementation(() => undefined)
    sender = new PictureSender(api)
  })

  it('uploads first, notes that, and then sends the message', async () => {
    sender.put('x', ready)
    expect(await sender.send(outgoing().message, notes)).toEqual({ seq: 3 })
    expect(api.upload.mock.calls[0]?.[0]).toBe(ready.blob)
    expect(notes.uploaded).toHaveBeenCalledWith(ID)
  })

  it('does not upload twice what the server has', async () => {
    sender.put('x', ready)
    await sender.send(outgoing({ attachment: ID }).message, notes)
    expect(api.upload).not.toHaveBeenCalled()
  })

  it('uploads anew what the server has no longer', async () => {
    sender.put('x', ready)
    api.send.mockRejectedValueOnce(new Problem(404, 'attachment_not_found', '没有找到这张图片'))
    expect(await sender.send(outgoing({ attachment: ID }).message, notes)).toEqual({ seq: 3 })
    expect(api.upload).toHaveBeenCalledTimes(1)
  })

  it('says clearly that a picture was lost with the page', async () => {
    await expect(sender.send(outgoing().message, notes)).rejects.toMatchObject({ title: '图片没有保存下来，请重新选择。', passes: false })
    expect(api.upload).not.toHaveBeenCalled()
  })
})

describe('the outbox', () => {
  it('knows after a reload which message is a picture and what was uploaded', () => {
    const store = openStorage()
    store.clear()
    const outbox = new Outbox(store, 'o:', vi.fn(), vi.fn())
    const picture = outbox.addPicture(4)
    outbox.uploaded(picture, ID)
    const [again] = new Outbox(store, 'o:', vi.fn(), vi.fn()).messages
    expect(again).toMatchObject({ id: picture.id, picture: true, attachment: ID, after: 4, delivery: 'waiting' })
  })

  it('gives up only what was refused', async () => {
    const store = openStorage()
    store.clear()
    const outbox = new Outbox(store, 'o:', () => Promise.reject(new Problem(415, 'picture_type_refused', '不支持')), vi.fn())
    const picture = outbox.addPicture(0)
    outbox.discard(picture.id)
    expect(outbox.messages).toHaveLength(1)
    await outbox.flush()
    outbox.discard(picture.id)
    expect(outbox.messages).toHaveLength(0)
    expect(store.length).toBe(0)
  })
})

describe('choosing', () => {
  it('refuses what is no picture, and what is too large to send unread', async () => {
    await expect(preparePicture(new Blob(['x'], { type: 'text/html' }))).rejects.toMatchObject({ code: 'picture_type_refused' })
    await expect(preparePicture(new Blob(['x'], { type: 'image/svg+xml' }))).rejects.toMatchObject({ code: 'picture_type_refused' })
    // Nothing here can read pictures.
    await expect(preparePicture(photo(LARGEST_FILE + 1))).rejects.toMatchObject({ code: 'picture_too_large' })
    const small = photo()
    expect(await preparePicture(small)).toEqual({ blob: small, preview: null })
  })

  it('is made smaller by an <img> where the engine has nothing newer, and given back unread where that fails', async () => {
    vi.stubGlobal('createImageBitmap', undefined)
    const drawImage = vi.fn()
    const context = vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({ fillRect: vi.fn(), drawImage } as never)
    const small = new Blob(['small'], { type: 'image/jpeg' })
    const encode = vi.spyOn(HTMLCanvasElement.prototype, 'toBlob').mockImplementation((done) => done(small))
    const decode = vi.spyOn(HTMLImageElement.prototype, 'decode').mockResolvedValue()
    const width = vi.spyOn(HTMLImageElement.prototype, 'naturalWidth', 'get').mockReturnValue(4096)
    const height = vi.spyOn(HTMLImageElement.prototype, 'naturalHeight', 'get').mockReturnValue(1024)
    const revoke = vi.spyOn(URL, 'revokeObjectURL')
    const sent = await preparePicture(photo(LARGEST_FILE + 1))
    expect(sent.blob).toBe(small)
    expect(drawImage.mock.calls[0]?.slice(1)).toEqual([0, 0, 2048, 512])
    expect(revoke).toHaveBeenCalledTimes(1)
    decode.mockRejectedValue(new Error('no picture'))
    const unread = photo()
    expect(await preparePicture(unread)).toEqual({ blob: unread, preview: null })
    expect(revoke).toHaveBeenCalledTimes(2)
    for (const mock of [context, encode, decode, width, height, revoke]) mock.mockRestore()
    vi.unstubAllGlobals()
  })

  it('keeps nine, says so, and lets each be taken out again', async () => {
    const changed = vi.fn()
    const tray = new PictureTray(changed)
    await tray.add(Array.from({ length: MOST_PICTURES + 2 }, () => photo()))
    expect(tray.element.querySelectorAll('li')).toHaveLength(MOST_PICTURES)
    expect(tray.element.textContent).toContain('一次最多发送 9 张')
    tray.element.querySelector<HTMLButtonElement>('.remove')?.click()
    expect(changed).toHaveBeenCalled()
    expect(tray.take()).toHaveLength(MOST_PICTURES - 1)
    expect(tray.isEmpty).toBe(true)
    expect(tray.element.hidden).toBe(true)
  })

  it('shows why a file was not taken, and keeps the others', async () => {
    const tray = new PictureTray(vi.fn())
    await tray.add([new Blob(['x'], { type: 'application/pdf' }), photo()])
    expect(tray.element.querySelector('[role=alert]')?.textContent).toContain('只支持')
    expect(tray.take()).toHaveLength(1)
  })
})

it('a picture is made to fit and never larger, in its proportions', () => {
  const side = fc.integer({ min: 1, max: 20_000 })
  fc.assert(
    fc.property(side, side, fc.integer({ min: 1, max: 4096 }), (width, height, longest) => {
      const size = fitted(width, height, longest)
      expect(Math.max(size.width, size.height)).toBeLessThanOrEqual(longest)
      expect(size.width).toBeLessThanOrEqual(width)
      expect(size.height).toBeLessThanOrEqual(height)
      expect(Math.min(size.width, size.height)).toBeGreaterThanOrEqual(1)
      if (Math.max(width, height) <= longest) expect(size).toEqual({ width, height })
    }),
  )
})

describe('the viewer', () => {
  it('takes the focus, closes with Escape alone, and gives the focus back', () => {
    const viewer = new Viewer()
    const opener = document.createElement('button')
    const behind = vi.fn()
    const panel = document.createElement('div')
    panel.addEventListener('keydown', behind)
    panel.append(viewer.element, opener)
    document.body.append(panel)
    viewer.show(document.createElement('img'), opener)
    expect(document.activeElement?.getAttribute('aria-label')).toBe('关闭图片')
    const tab = new KeyboardEvent('keydown', { key: 'Tab', bubbles: true, cancelable: true })
    viewer.element.dispatchEvent(tab)
    expect(tab.defaultPrevented).toBe(true)
    viewer.element.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
    expect(viewer.element.hidden).toBe(true)
    expect(document.activeElement).toBe(opener)
    expect(behind).not.toHaveBeenCalled()
  })
})
