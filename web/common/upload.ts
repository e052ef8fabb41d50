import { parsed, problemFrom, Unreachable } from './problem'

const LONGEST = 150_000

/**
 * Send a file as a form's part `file`; `progress` hears the share that has left, from 0 to 1.
 *
 * By XMLHttpRequest: fetch does not tell how far an upload is. Throws what `fetchJson` throws.
 */
export function uploadFile<T>(url: string, file: Blob, headers: Record<string, string>, progress: (share: number) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.timeout = LONGEST
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value)
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total)
    }
    request.onload = () => {
      const answer = parsed(request.responseText)
      if (request.status >= 200 && request.status < 300) resolve(answer as T)
      else reject(problemFrom(request.status, answer))
    }
    request.onerror = () => reject(new Unreachable('no answer to the upload'))
    request.ontimeout = () => reject(new Unreachable('the upload took too long'))
    request.onabort = () => reject(new Unreachable('the upload was cut off'))
    const form = new FormData()
    form.append('file', file, 'picture')
    request.send(form)
  })
}
