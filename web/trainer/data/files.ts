/** The folders of the training data, in the order in which they are shown. */
export const FOLDERS: readonly { path: string; title: string }[] = [
  { path: 'data/knowledge', title: '帮助文章' },
  { path: 'data/rules', title: '对话规则（请先问工程师）' },
  { path: '', title: '意图的中文名、话术与登记' },
  { path: 'data/nlu', title: '例句' },
  { path: 'data/dictionary', title: '词典' },
  { path: 'data/entities', title: '实体' },
  { path: 'data/stories', title: '对话故事' },
  { path: 'data/profiles', title: '品牌配置' },
]

/** The folder of the list above that a file belongs to; empty for a file that stands alone. */
export function folderOf(path: string): string {
  return FOLDERS.find((one) => one.path !== '' && path.startsWith(`${one.path}/`))?.path ?? ''
}

/** The file's name within its folder. */
export function nameIn(folder: string, path: string): string {
  return folder === '' ? path : path.slice(folder.length + 1)
}

/** The brand whose own article it is. */
export function brandOf(path: string): string | null {
  return /^data\/knowledge\/([^/]+)\//.exec(path)?.[1] ?? null
}

/** What a new help article begins with. */
export function newArticle(): string {
  return `---
title: 标题，不超过 40 个字
topic: 售后
intents: []
keywords: []
---

## 小标题

正文。
`
}
