/**
 * Keeps small things over reloads; in memory, for as long as the page lives, what the browser
 * does not keep: because it allows no storage, or because the shop's page has filled it.
 */
export function openStorage(): Storage {
  return new Vault(allowed())
}

function allowed(): Storage | null {
  try {
    void localStorage.length
    return localStorage
  } catch {
    return null
  }
}

class Vault implements Storage {
  #unkept = new Map<string, string>()

  constructor(private readonly kept: Storage | null) {}

  get length(): number {
    return (this.kept?.length ?? 0) + this.#unkept.size
  }

  clear(): void {
    this.kept?.clear()
    this.#unkept.clear()
  }

  getItem(key: string): string | null {
    // What is kept was written later, by another window: see `setItem`.
    return this.kept?.getItem(key) ?? this.#unkept.get(key) ?? null
  }

  key(index: number): string | null {
    const kept = this.kept?.length ?? 0
    if (index < kept) return this.kept?.key(index) ?? null
    return [...this.#unkept.keys()][index - kept] ?? null
  }

  removeItem(key: string): void {
    this.kept?.removeItem(key)
    this.#unkept.delete(key)
  }

  setItem(key: string, value: string): void {
    try {
      this.kept?.setItem(key, value)
      this.#unkept.delete(key)
      if (this.kept) return
    } catch {
      // An old value would pass for a newer one.
      this.kept?.removeItem(key)
    }
    this.#unkept.set(key, value)
  }
}
