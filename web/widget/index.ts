import { KefuChat } from './element'

if (!customElements.get('kefu-chat')) customElements.define('kefu-chat', KefuChat)

export { KefuChat }
