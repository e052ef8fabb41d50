/** Notes that are written and not added yet, by conversation; they live as long as the page. */
export const noteDrafts = new Map<string, string>()
