import { KefuChat } from './index'
import { init, startFromScript } from './init'

declare global {
  interface Window {
    Kefu?: { init: typeof init; KefuChat: typeof KefuChat }
  }
}

window.Kefu = { init, KefuChat }
startFromScript()
