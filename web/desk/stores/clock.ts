import { ref } from 'vue'
import type { Ref } from 'vue'

/** Now, in whole seconds: one timer for every waiting time on the page. */
export const now: Ref<number> = ref(Date.now())

setInterval(() => (now.value = Date.now()), 1000)
