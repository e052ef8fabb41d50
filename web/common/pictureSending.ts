import { Problem } from './problem'
import type { Outgoing } from './outbox'
import type { ReadyPicture } from './picture'
import { PictureVault } from './pictureVault'

export interface UploadNotes {
  /** The server has the picture now, under this id. */
  uploaded(attachment: string): void
  progress(share: number): void
}

/** What pictures need of an API. */
export interface PictureApi {
  upload(file: Blob, progress: (share: number) => void): Promise<{ id: string }>
  send(message: Outgoing): Promise<{ seq: number }>
}

/** Pictures on their way: kept, uploaded, and then sent as messages. */
export class PictureSender {
  readonly #vault = new PictureVault()

  constructor(private readonly api: PictureApi) {}

  put(id: string, picture: ReadyPicture): void {
    this.#vault.put(id, picture)
  }

  get(id: string): Promise<ReadyPicture | null> {
    return this.#vault.get(id)
  }

  /** Messages that are done with: their pictures need not be kept any longer. */
  forget(messages: readonly Outgoing[]): void {
    for (const message of messages) if (message.picture) this.#vault.remove(message.id)
  }

  async send(message: Outgoing, notes: UploadNotes): Promise<{ seq: number }> {
    if (message.attachment) {
      try {
        return await this.api.send(message)
      } catch (error) {
        // Uploaded long ago, or for a conversation that has ended meanwhile.
        if (!(error instanceof Problem) || error.code !== 'attachment_not_found') throw error
      }
    }
    const picture = await this.#vault.get(message.id)
    if (!picture) throw new Problem(410, 'picture_lost', '图片没有保存下来，请重新选择。')
    notes.progress(0)
    notes.uploaded((await this.api.upload(picture.blob, (share) => notes.progress(share))).id)
    return this.api.send(message)
  }
}
