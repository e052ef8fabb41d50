const BLINK = 1200
// A sound that comes later than this calls nobody.
const RING_WITHIN = 1000
const GESTURES = ['click', 'touchend', 'keydown'] as const

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
    for (const gesture of GESTURES) document.addEventListener(gesture, this.#allowSound, true)
  }

  stop(): void {
    document.removeEventListener('visibilitychange', this.#look)
    for (const gesture of GESTURES) document.removeEventListener(gesture, this.#allowSound, true)
    this.#calm()
    void this.#audio?.close()
    this.#audio = null
  }

  get sound(): boolean {
    return this.store.getItem(this.key) === '1'
  }

  /** Switched by a press of theirs: only at a press does a browser allow sound. */
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

  // After a reload sound stays silent until a press: any will do, and again after a phone call.
  readonly #allowSound = () => {
    if (this.#audio?.state === 'running' || !this.sound) return
    this.#awake()?.catch(() => undefined)
  }

  #awake(): Promise<void> | null {
    if (typeof AudioContext === 'undefined') return null
    this.#audio ??= new AudioContext()
    return this.#audio.state === 'running' ? Promise.resolve() : this.#audio.resume()
  }

  #ring(): void {
    const asked = Date.now()
    this.#awake()?.then(
      () => {
        if (this.#audio && Date.now() - asked < RING_WITHIN) play(this.#audio)
      },
      () => undefined,
    )
  }
}

function play(audio: AudioContext): void {
  const { currentTime, destination } = audio
  ;[660, 880].forEach((pitch, index) => {
    const tone = audio.createOscillator()
    const loudness = audio.createGain()
    const begin = currentTime + index * 0.14
    tone.frequency.value = pitch
    loudness.gain.setValueAtTime(0.08, begin)
    loudness.gain.exponentialRampToValueAtTime(0.001, begin + 0.25)
    tone.connect(loudness).connect(destination)
    tone.start(begin)
    tone.stop(begin + 0.26)
  })
}
