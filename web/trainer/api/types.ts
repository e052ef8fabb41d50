export * from './runTypes'

export type Role = 'agent' | 'supervisor' | 'trainer' | 'admin'

export interface StaffUser {
  staff_id: number
  username: string
  name?: string | null
  /** By profile; `*` stands for all. */
  roles?: Record<string, Role[]>
}

export interface Intent {
  name: string
  title: string
  pinyin_initials: string
  topic_file: string
  count: number
  hands: Record<string, number>
}

/** The bot says `text`, quotes an article, calls a person, or does so until there is a program. */
export type AnswerKind = 'text' | 'article' | 'handoff' | 'program'

export interface NewIntent {
  name: string
  title: string
  file: string
  texts: string[]
  kind: AnswerKind
  text: string
  article: string
}

export interface NewIntentChoices {
  topics: { file: string; titles: string[] }[]
  articles: { file: string; title: string }[]
}

/** `engineer`: what takes an engineer, in sentences. */
export interface MadeIntent {
  commit: string | null
  engineer: string[]
}

export type Kind =
  | 'agent_wrong'
  | 'thumbs_down'
  | 'handed_off'
  | 'rephrased'
  | 'low_confidence'
  | 'near_threshold'
  | 'out_of_scope'
  | 'confident_sample'

export type ItemState = 'open' | 'labelled' | 'skipped' | 'committed'

export interface Ranked {
  name: string
  title: string
  confidence: number
}

export interface Mark {
  start: number
  end: number
  entity: string
  value?: string
}

export interface Item {
  item_id: number
  profile: string
  kind: Kind
  kinds: Kind[]
  text: string
  count: number
  group_id: number | null
  at: string
  first_at: string
  turn_id: string
  conversation_id: string
  intent: string | null
  confidence: number | null
  answered: boolean
  threshold: number | null
  ranking: Ranked[]
  entities: Record<string, unknown>[]
  tokens: string[]
  suggested: string[]
  state: ItemState
  label: string | null
  new_intent_hint: string | null
  marked: Mark[]
  labelled_by: string | null
  labelled_at: string | null
  approvals: string[]
  data_commit: string | null
}

export interface Said {
  from: string | null
  text: string
  at: string
  here: boolean
}

export interface Done {
  staff: string
  action: string
  at: string
  label: string | null
  undone: boolean
}

export interface Explanation {
  model: string | null
  intent: string | null
  evidence: { text: string; weight: number }[]
  neighbours: { text: string; intent: string; similarity: number }[]
}

export interface ItemDetail extends Item {
  explanation: Explanation
  talk: Said[]
  history: Done[]
}

export interface InboxPage {
  items: Item[]
  groups: number
  total: number
  pages: number
}

export interface Finding {
  kind: string
  text: string
  file: string
  intent: string
  other: string
  other_intent: string
  hint: string
}

export interface LeftOut {
  item_id: number
  findings: Finding[]
}

export interface CommitPreview {
  write: { item_id: number; intent: string; title: string; utterance: string }[]
  known: number[]
  left_out: LeftOut[]
}

export interface Committed {
  commit: string | null
  added: number[]
  known: number[]
  left_out: LeftOut[]
}

export interface Utterance {
  file: string
  intent: string
  text: string
  hand: string
}

export interface UtterancePage {
  utterances: Utterance[]
  bases: Record<string, string>
  total: number
  pages: number
}

export interface SavedChange {
  commit: string | null
  bases: Record<string, string>
}

export interface DictionaryFile {
  file: string
  words: string[]
  base: string
}

/** `fixed`: engineers alone change it; `title`: an article's. */
export interface DataFile {
  path: string
  title: string | null
  fixed: boolean
}

export interface FileText {
  path: string
  text: string
  base: string
}

export interface EntityFile {
  file: string
  entity: string
  values: Record<string, string[]>
  base: string
}

export interface Responses {
  file: string
  responses: Record<string, string[]>
  base: string
}

export interface FrozenRow {
  text: string
  intent: string
  source: string
  file: string
}

export interface FileChange {
  path: string
  added: number
  removed: number
  diff: string
}

export interface ImportPreview {
  digest: string
  files: FileChange[]
  findings: Finding[]
  known: number
}

export interface Commit {
  commit: string
  author: string
  at: string
  message: string
  files: string[]
}

/** What `edited_meanwhile` tells beside its sentence. */
export interface Conflict {
  path: string
  theirs: string
  theirs_base: string
  base_text: string | null
  merged: string | null
  marked: string | null
}
