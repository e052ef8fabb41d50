import { ChatsApi } from './chats'
import { Client } from './client'
import { OfficeApi } from './office'
import { SupervisionApi } from './supervision'

/** The staff's API, by whom it serves. */
export class DeskApi {
  readonly client: Client
  readonly chats: ChatsApi
  readonly office: OfficeApi
  readonly supervision: SupervisionApi

  constructor(loggedOut: () => void) {
    this.client = new Client(loggedOut)
    this.chats = new ChatsApi(this.client)
    this.office = new OfficeApi(this.client)
    this.supervision = new SupervisionApi(this.client)
  }
}
