const BLINK = 1200

/** Calls someone back to a page out of sight: by its title and, if they like, a soft sound. */
export class Attention {
  #unread = 0
  #own = ''
  #shown = ''
  #calling = false
  #timer: ReturnType<typeof setInterval> | null = null
  #audio: AudioContext | null = null

  /** `key`: where the store keeps whether sound is wanted. */
  constructor(
    private readonly store: Storage,
    private readonly key = 'kefu:sound',
  ) {
    document.addEventListener('visibilitychange', this.#look)
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#look)
    this.#calm()
    void this.#audio?.close()
    this.#audio = null
  }

  get sound(): boolean {
    return this.store.getItem(this.key) === '1'
  }

  /** Switched by a press of theirs: only then does a browser allow sound. */
  set sound(on: boolean) {
    this.store.setItem(this.key, on ? '1' : '')
    if (on) this.#ring()
  }

  /** `unread` messages wait; the sound is for more than there were. */
  unread(count: number): void {
    if (count > this.#unread && this.sound) this.#ring()
    this.#unread = count
    this.#look()
  }

  readonly #look = () => {
    if (this.#unread === 0 || !document.hidden) this.#calm()
    else if (this.#timer === null) {
      this.#blink()
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches
      if (!still) this.#timer = setInterval(() => this.#blink(), BLINK)
    }
  }

  // The page may give itself another title meanwhile: that one is then its own.
  #blink(): void {
    if (document.title !== this.#shown) {
      this.#own = document.title
      this.#calling = false
    }
    this.#calling = !this.#calling
    this.#shown = this.#calling ? `【${this.#unread} 条新消息】${this.#own}` : this.#own
    document.title = this.#shown
  }

  #calm(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = null
    if (this.#calling && document.title === this.#shown) document.title = this.#own
    this.#calling = false
    this.#shown = ''
  }

  #ring(): void {
    if (typeof AudioContext === 'undefined') return
    this.#audio ??= new AudioContext()
    const { currentTime, destination } = this.#audio
    ;[660, 880].forEach((pitch, index) => {
      if (!this.#audio) return
      const tone = this.#audio.createOscillator()
      const loudness = this.#audio.createGain()
      const begin = currentTime + index * 0.14
      tone.frequency.value = pitch
      loudness.gain.setValueAtTime(0.08, begin)
      loudness.gain.exponentialRampToValueAtTime(0.001, begin + 0.25)
      tone.connect(loudness).connect(destination)
      tone.start(begin)
      tone.stop(begin + 0.26)
    })
  }
}
