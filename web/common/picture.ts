import { Problem } from './problem'

/** What the server takes. */
export const LARGEST_FILE = 10 * 1024 * 1024
const LONGEST_SIDE = 2048
const PREVIEW_SIDE = 240
const QUALITY = 0.85

/** A picture as it is sent, and drawn small where this browser can read it. */
export interface ReadyPicture {
  blob: Blob
  preview: HTMLCanvasElement | null
}

/**
 * The chosen file as a JPEG of at most `LONGEST_SIDE` pixels, which leaves behind where it was
 * taken. What this browser cannot read goes as it is: the server makes it anew.
 *
 * Throws `Problem` for what the server would refuse anyhow.
 */
export async function preparePicture(file: Blob): Promise<ReadyPicture> {
  if (file.type !== '' && !file.type.startsWith('image/')) throw wrongKind()
  if (file.type.startsWith('image/svg')) throw wrongKind()
  const read = await readPicture(file)
  if (read === null) {
    if (file.size > LARGEST_FILE) throw tooLarge()
    return { blob: file, preview: null }
  }
  const blob = await toJpeg(drawn(read, LONGEST_SIDE))
  const preview = drawn(read, PREVIEW_SIDE)
  read.close()
  const best = blob ?? file
  if (best.size > LARGEST_FILE) throw tooLarge()
  return { blob: best, preview }
}

/** The picture drawn small, or null where this browser cannot read it. */
export async function previewOf(blob: Blob): Promise<HTMLCanvasElement | null> {
  const read = await readPicture(blob)
  if (read === null) return null
  const preview = drawn(read, PREVIEW_SIDE)
  read.close()
  return preview
}

/** The largest size with the same proportions and no side over `longest`; never larger than it is. */
export function fitted(width: number, height: number, longest: number): { width: number; height: number } {
  const share = Math.min(1, longest / Math.max(width, height, 1))
  return { width: Math.max(1, Math.round(width * share)), height: Math.max(1, Math.round(height * share)) }
}

interface Readable {
  source: CanvasImageSource
  width: number
  height: number
  close(): void
}

// By an <img> only where there is no other way (WebKit before 15): the shop's own content
// security policy has a say in what those may show.
async function readPicture(blob: Blob): Promise<Readable | null> {
  if (typeof createImageBitmap !== 'function') return readByElement(blob)
  try {
    const source = await createImageBitmap(blob, { imageOrientation: 'from-image' })
    return { source, width: source.width, height: source.height, close: () => source.close() }
  } catch {
    return null
  }
}

async function readByElement(blob: Blob): Promise<Readable | null> {
  const address = URL.createObjectURL(blob)
  const close = () => URL.revokeObjectURL(address)
  const source = new Image()
  source.src = address
  try {
    await source.decode()
  } catch {
    close()
    return null
  }
  const { naturalWidth: width, naturalHeight: height } = source
  if (width > 0) return { source, width, height, close }
  close()
  return null
}

function drawn(picture: Readable, longest: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  Object.assign(canvas, fitted(picture.width, picture.height, longest))
  const context = canvas.getContext('2d')
  if (context) {
    // JPEG knows no transparency.
    context.fillStyle = '#fff'
    context.fillRect(0, 0, canvas.width, canvas.height)
    context.imageSmoothingQuality = 'high'
    context.drawImage(picture.source, 0, 0, canvas.width, canvas.height)
  }
  return canvas
}

function toJpeg(canvas: HTMLCanvasElement): Promise<Blob | null> {
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
}

function wrongKind(): Problem {
  return new Problem(415, 'picture_type_refused', '只支持 JPG、PNG、WebP、GIF 和 HEIC 图片，请换一张。')
}

function tooLarge(): Problem {
  return new Problem(413, 'picture_too_large', '图片不能超过 10 MB，请压缩后再发。')
}
