/**
 * Open the talk at an address that expires: as a page in a window of its own, or as a text file.
 *
 * The window opens before the address is known, since browsers allow one only at a press.
 */
export async function keep(format: 'page' | 'text', address: () => Promise<string>): Promise<void> {
  if (format === 'text') {
    follow(`${await address()}&format=text`)
    return
  }
  const opened = window.open('', '_blank')
  try {
    const url = await address()
    if (opened) {
      opened.opener = null
      opened.location.replace(url)
    } else follow(url)
  } catch (error) {
    opened?.close()
    throw error
  }
}

// The text comes as an attachment: the page stays. Where windows are forbidden, the page goes.
function follow(url: string): void {
  location.assign(url)
}
