import { Client, query } from './client'
import type {
  Commit,
  CommitPreview,
  Committed,
  Comparison,
  DataFile,
  DictionaryFile,
  EntityFile,
  FileText,
  Finding,
  FrozenRow,
  ImportPreview,
  InboxPage,
  Intent,
  Item,
  ItemDetail,
  Kind,
  Live,
  MadeIntent,
  Mark,
  Model,
  NewIntent,
  NewIntentChoices,
  Responses,
  Run,
  SavedChange,
  Threshold,
  UtterancePage,
  Watched,
} from './types'

export interface InboxQuery {
  profile?: string
  kind?: string
  q?: string
  state: string
  group?: number | null
  page: number
}

export interface Label {
  intent: string
  new_intent_hint?: string
  entities?: Mark[]
  replace?: boolean
}

export interface Place {
  file: string
  intent: string
  text: string
  base?: string
}

const part = encodeURIComponent

/** All that a trainer does, call by call. */
export class TrainerApi {
  readonly client: Client

  constructor(loggedOut: () => void) {
    this.client = new Client(loggedOut)
  }

  inbox(asked: InboxQuery): Promise<InboxPage> {
    return this.client.get(`/inbox${query({ ...asked })}`)
  }

  counts(): Promise<Record<Kind, number>> {
    return this.client.get('/inbox/counts')
  }

  item(id: number): Promise<ItemDetail> {
    return this.client.get(`/inbox/${id}`)
  }

  label(ids: number[], label: Label): Promise<{ labelled: number[]; left: Item[] }> {
    return this.client.post('/inbox/label', { item_ids: ids, ...label })
  }

  skip(ids: number[]): Promise<unknown> {
    return this.client.post('/inbox/skip', { item_ids: ids })
  }

  approve(ids: number[]): Promise<unknown> {
    return this.client.post('/inbox/approve', { item_ids: ids })
  }

  undo(ids: number[]): Promise<unknown> {
    return this.client.post('/inbox/undo', { item_ids: ids })
  }

  commitPreview(): Promise<CommitPreview> {
    return this.client.get('/inbox/commit')
  }

  commit(ids: number[]): Promise<Committed> {
    return this.client.post('/inbox/commit', { item_ids: ids })
  }

  intents(): Promise<Intent[]> {
    return this.client.get('/intents')
  }

  newIntentChoices(): Promise<NewIntentChoices> {
    return this.client.get('/intents/choices')
  }

  makeIntent(intent: NewIntent): Promise<MadeIntent> {
    return this.client.post('/intents', intent)
  }

  renameIntent(intent: string, title: string): Promise<{ commit: string | null }> {
    return this.client.put(`/intents/${part(intent)}/title`, { title })
  }

  utterances(intent: string, q: string, page: number): Promise<UtterancePage> {
    return this.client.get(`/utterances${query({ intent, q, page })}`)
  }

  addUtterances(intent: string, texts: string[], fictitious: boolean): Promise<SavedChange> {
    return this.client.post('/utterances', { intent, texts, fictitious })
  }

  changeUtterance(place: Place, text: string, fictitious: boolean): Promise<SavedChange> {
    return this.client.put('/utterances', { ...place, new_text: text, fictitious })
  }

  removeUtterance(place: Place): Promise<SavedChange> {
    return this.client.delete('/utterances', place)
  }

  async check(text: string, intent?: string): Promise<Finding[]> {
    return (await this.client.post<{ findings: Finding[] }>('/checks', { text, intent })).findings
  }

  async checkAll(): Promise<Finding[]> {
    return (await this.client.get<{ findings: Finding[] }>('/checks')).findings
  }

  dictionary(): Promise<DictionaryFile[]> {
    return this.client.get('/dictionary')
  }

  changeDictionary(file: string, add: string[], remove: string[]): Promise<SavedChange> {
    return this.client.put('/dictionary', { file, add, remove })
  }

  entities(): Promise<EntityFile[]> {
    return this.client.get('/entities')
  }

  responses(): Promise<Responses> {
    return this.client.get('/responses')
  }

  /** Without `text` the variant is removed, without `index` one is added. */
  changeResponse(name: string, index: number | null, text: string | null, base: string): Promise<SavedChange> {
    return this.client.put('/responses', { name, index, text, base })
  }

  /** Adds or removes one word of an entity's value. */
  changeEntity(file: string, value: string, change: { add: string } | { remove: string }): Promise<SavedChange> {
    return this.client.put('/entities', { file, value, ...change })
  }

  files(): Promise<DataFile[]> {
    return this.client.get('/files')
  }

  file(path: string): Promise<FileText> {
    return this.client.get(`/files/${path.split('/').map(part).join('/')}`)
  }

  /** Without a base it is a new file. */
  putFile(path: string, text: string, base: string | null): Promise<SavedChange> {
    return this.client.put(`/files/${path.split('/').map(part).join('/')}`, { text, base })
  }

  history(): Promise<Commit[]> {
    return this.client.get('/history?limit=100')
  }

  async frozen(): Promise<FrozenRow[]> {
    return (await this.client.get<{ rows: FrozenRow[] }>('/frozen')).rows
  }

  addFrozen(text: string, intent: string): Promise<FrozenRow> {
    return this.client.post('/frozen', { text, intent })
  }

  removeFrozen(text: string): Promise<unknown> {
    return this.client.delete(`/frozen${query({ text })}`)
  }

  /** Without `digest` only the diff is shown. */
  bringIn<T = ImportPreview>(file: File, digest?: string): Promise<T> {
    const form = new FormData()
    form.append('file', file, file.name)
    if (digest) form.append('digest', digest)
    return this.client.form<T>('/import', form)
  }

  async runs(): Promise<Run[]> {
    return (await this.client.get<{ runs: Run[] }>('/runs')).runs
  }

  startRun(note: string): Promise<Run> {
    return this.client.post('/runs', { note })
  }

  runLog(id: string): Promise<string> {
    return this.client.text(`/runs/${part(id)}/log`)
  }

  cancelRun(id: string): Promise<Run> {
    return this.client.post(`/runs/${part(id)}/cancel`)
  }

  async models(): Promise<Model[]> {
    return (await this.client.get<{ models: Model[] }>('/models')).models
  }

  live(): Promise<Live> {
    return this.client.get('/live')
  }

  promote(sha256: string, profiles: string[], reason: string): Promise<unknown> {
    return this.client.post(`/models/${sha256}/promote`, { profiles, reason })
  }

  rollBack(profile: string): Promise<unknown> {
    return this.client.post('/rollback', { profile })
  }

  startCanary(sha256: string, profile: string, share: number): Promise<unknown> {
    return this.client.post(`/models/${sha256}/canary`, { profile, share })
  }

  stopCanary(sha256: string, profile: string): Promise<unknown> {
    return this.client.delete(`/models/${sha256}/canary${query({ profile })}`)
  }

  async comparisons(profile: string): Promise<Comparison[]> {
    return (await this.client.get<{ comparisons: Comparison[] }>(`/comparisons${query({ profile })}`)).comparisons
  }

  comparison(id: string): Promise<Comparison> {
    return this.client.get(`/comparisons/${part(id)}`)
  }

  startComparison(candidate: string, profile: string, messages: number): Promise<Comparison> {
    return this.client.post('/comparisons', { candidate, profile, messages })
  }

  cancelComparison(id: string): Promise<unknown> {
    return this.client.post(`/comparisons/${part(id)}/cancel`)
  }

  threshold(profile: string): Promise<Threshold> {
    return this.client.get(`/profiles/${part(profile)}/threshold`)
  }

  putThreshold(profile: string, answer: number): Promise<Threshold> {
    return this.client.put(`/profiles/${part(profile)}/threshold`, { answer })
  }

  clearThreshold(profile: string): Promise<Threshold> {
    return this.client.delete(`/profiles/${part(profile)}/threshold`)
  }

  watch(profile: string, days: number): Promise<Watched> {
    return this.client.get(`/watch${query({ profile, days })}`)
  }
}
