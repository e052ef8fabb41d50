import { previewOf } from './picture'
import type { ReadyPicture } from './picture'

const NAME = 'kefu'
const PICTURES = 'pictures'
const KEPT = 2 * 24 * 3_600_000

interface Kept {
  id: string
  at: number
  type: string
  bytes: ArrayBuffer
}

/**
 * Pictures that are on their way, by the id of their message: over reloads where the browser has
 * a database, else for as long as the page lives.
 */
export class PictureVault {
  #pictures = new Map<string, ReadyPicture>()
  #database: Promise<IDBDatabase | null> | null = null

  put(id: string, picture: ReadyPicture): void {
    this.#pictures.set(id, picture)
    void this.#keep(id, picture.blob)
  }

  /** The picture, or null if it was lost with the page. */
  async get(id: string): Promise<ReadyPicture | null> {
    const known = this.#pictures.get(id)
    if (known) return known
    const kept = await this.#ask<Kept | undefined>('readonly', (store) => store.get(id))
    if (!kept) return null
    const blob = new Blob([kept.bytes], { type: kept.type })
    const picture = { blob, preview: await previewOf(blob) }
    this.#pictures.set(id, picture)
    return picture
  }

  remove(id: string): void {
    this.#pictures.delete(id)
    void this.#ask('readwrite', (store) => store.delete(id))
  }

  // As bytes: old versions of Safari cannot keep blobs.
  async #keep(id: string, blob: Blob): Promise<void> {
    const kept: Kept = { id, at: Date.now(), type: blob.type, bytes: await new Response(blob).arrayBuffer() }
    if (this.#pictures.has(id)) await this.#ask('readwrite', (store) => store.put(kept))
  }

  /** Without a database, or where it refuses, the answer is undefined. */
  async #ask<T>(mode: IDBTransactionMode, request: (store: IDBObjectStore) => IDBRequest): Promise<T | undefined> {
    this.#database ??= open()
    const database = await this.#database
    if (!database) return undefined
    try {
      return (await settled(request(database.transaction(PICTURES, mode).objectStore(PICTURES)))) as T
    } catch {
      return undefined
    }
  }
}

async function open(): Promise<IDBDatabase | null> {
  try {
    const opening = indexedDB.open(NAME, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore(PICTURES, { keyPath: 'id' })
    const database = await settled(opening)
    await forgetOld(database)
    return database
  } catch {
    return null
  }
}

// What nobody came back for.
async function forgetOld(database: IDBDatabase): Promise<void> {
  const store = database.transaction(PICTURES, 'readwrite').objectStore(PICTURES)
  const kept = (await settled(store.getAll())) as Kept[]
  for (const picture of kept) if (picture.at < Date.now() - KEPT) store.delete(picture.id)
}

function settled<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error ?? new Error('the database refused'))
  })
}
