import { fetchJson } from '../common/problem'

/** How a profile looks, as its public page tells. */
export interface Look {
  brand: string
  theme: { colour: string }
}

// Known only while the script runs for the first time.
const running = document.currentScript

/** The desk's address: where the widget's script came from, else the page's own. */
export function scriptOrigin(): string {
  const script = running ?? document.querySelector('script[src*="/widget.js"]')
  return script instanceof HTMLScriptElement && script.src ? new URL(script.src).origin : location.origin
}

/** Null without an answer: colour and name are an ornament. */
export function fetchLook(base: string, profile: string): Promise<Look | null> {
  return fetchJson<Look>(`${base}/api/v1/profiles/${encodeURIComponent(profile)}`).catch(() => null)
}

/** The look as it was last time, so that a page does not change its colours while it loads. */
export function rememberedLook(store: Storage, of: string): Look | null {
  try {
    const look = JSON.parse(store.getItem(`kefu:look:${of}`) ?? '') as Look
    return typeof look.theme.colour === 'string' && typeof look.brand === 'string' ? look : null
  } catch {
    return null
  }
}

export function rememberLook(store: Storage, of: string, { brand, theme }: Look): void {
  store.setItem(`kefu:look:${of}`, JSON.stringify({ brand, theme: { colour: theme.colour } }))
}
