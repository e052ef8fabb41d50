const DESK = '/desk'
const NEXT = 'next'
// Nothing else is returned to: a link must not send people elsewhere after they have signed in.
const PAGES = ['/reports']

/** Where to sign in, in order to come back to `page`. */
export function signInAddress(page: string): string {
  return PAGES.includes(page) ? `${DESK}?${NEXT}=${encodeURIComponent(page)}` : DESK
}

/** The page that asked for the sign-in, or null. */
export function pageAfterSignIn(search: string): string | null {
  const page = new URLSearchParams(search).get(NEXT)
  return page !== null && PAGES.includes(page) ? page : null
}
