export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled'

export interface Job {
  state: JobState
  progress: number
  step: string
  created_by: string
  /** Who began it, by name. */
  by: string
  created_at: string
  started_at: string | null
  finished_at: string | null
  error: string | null
}

export interface Run extends Job {
  run_id: string
  note: string
  model_sha256: string | null
  data_commit: string | null
}

export interface Card {
  trained_at?: string
  seconds?: number
  data_commit?: string | null
  counts?: { intents?: number; examples?: number; rules?: number }
  understanding?: {
    thresholds?: { answer?: number; clarify?: number } | null
    cross_validation?: { accuracy?: number; answered?: number } | null
  } | null
}

export interface Model {
  sha256: string
  card: Card
  live: string[]
  canary: Record<string, number>
  trained_at: string | null
  run_id: string | null
  archive_present: boolean
}

export interface Comparison extends Job {
  comparison_id: string
  profile: string
  candidate: string
  live: string
  messages: number
  result?: ComparisonResult | null
}

export type Outcome = 'answered' | 'asked' | 'handed_off'

export interface Answer {
  intent: string | null
  confidence: number
  answered: boolean
  outcome: Outcome
}

export type Verdict = 'mended' | 'broken' | 'changed'

export interface Replayed {
  text: string
  live: Answer
  candidate: Answer
  verdict: Verdict
  label: string | null
  count: number
}

export type Figures = Record<string, number | null>

export interface Change {
  live: number
  candidate: number
  ci: [number, number]
}

export interface ThresholdRow {
  threshold: number
  answered: number
  asked: number
  handed_off: number
  wrong_share: number
  wrong_per_day: number | null
}

export interface IntentFigures {
  intent: string
  rows: number
  candidate: number
  live: number
  ci: [number, number] | []
}

export interface Both<T> {
  candidate: T
  live: T
}

export interface ComparisonResult {
  cross_validation: Both<{ accuracy?: number; answered?: number } | null>
  frozen: Both<Figures> & {
    rows: number
    per_intent: IntentFigures[]
    broken: { text: string; label: string; live: Answer; candidate: Answer }[]
    mended: number
    p_value: number
  }
  replay: { messages: number; same: number; mended: number; broken: number; changed: number; items: Replayed[] }
  per_day: { handoffs: Change; wrong_answers: Change } | null
  risk_coverage: Both<[number, number][]>
  reliability: Both<[number, number, number][]>
  thresholds: ThresholdRow[]
  threshold: { answer: number; clarify: number }
  significant_loss: boolean
  frozen_broken: boolean
}

export interface Threshold {
  profile: string
  answer: number | null
  clarify: number | null
  source: 'model' | 'trainer' | 'profile'
  model: { answer?: number; clarify?: number } | null
  consequences: { comparison_id: string; model: string | null; messages: number; thresholds: ThresholdRow[] } | null
}

export interface ModelChange {
  profile: string
  at: string
  actor: string
  action: 'start' | 'promote' | 'rollback' | 'canary_start' | 'canary_stop' | 'canary_halt'
  from: string | null
  to: string | null
  reason: string
  detail: Record<string, unknown>
  /** The actor, by name. */
  by: string
}

export interface Arm {
  conversations: number
  handed_off: number
  rate: number
}

export interface Canary {
  profile: string
  sha256: string
  share: number
  started_by: string
  started_at: string
  canary: Arm
  live: Arm
  z: number
}

export interface Live {
  live: Record<string, string | null>
  previous: Record<string, string | null>
  canaries: Canary[]
  history: ModelChange[]
}

export interface Day {
  day: string
  turns: number
  conversations: number
  contained: number
  handed_off: number
  confidence_mean: number | null
  intents: Record<string, number>
}

export type DriftLevel = 'unknown' | 'same' | 'moved' | 'drifted'

export interface Watched {
  days: Day[]
  psi: {
    intents: number | null
    confidence: number | null
    warning: boolean
    levels: Record<'intents' | 'confidence', { level: DriftLevel; by_chance: number | null }>
  }
  unknown_words: { word: string; count: number; before: number; rising: boolean }[]
  emerging: { group: number; size: number; texts: string[]; suggested_name: string }[]
}
