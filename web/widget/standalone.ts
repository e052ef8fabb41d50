import { KefuChat } from './index'
import { init, startFromScript } from './init'

declare global {
  interface Window {
    Kefu?: { init: typeof init; KefuChat: typeof KefuChat }
  }
}

// A page may load the file twice: only the first one's class is the registered element.
window.Kefu ??= { init, KefuChat }
startFromScript()
