import type { DriftLevel, ItemState, JobState, Kind, ModelChange, Outcome, Verdict } from './api/types'

export const FALLBACK = 'nlu_fallback'
export const OUT_OF_SCOPE = 'out_of_scope'
export const NEW_INTENT = 'new_intent_needed'

/** The kinds of the inbox, the gravest first. */
export const KINDS: Record<Kind, string> = {
  agent_wrong: '客服判错',
  thumbs_down: '差评',
  handed_off: '转了人工',
  rephrased: '换了说法',
  low_confidence: '把握不足',
  near_threshold: '临界',
  out_of_scope: '超出范围',
  confident_sample: '抽查',
}

export const KIND_HINTS: Record<Kind, string> = {
  agent_wrong: '人工客服结束会话时标记机器人理解错了',
  thumbs_down: '顾客给机器人打低分之前说的话',
  handed_off: '机器人没能解决、转给人工的话',
  rephrased: '顾客紧接着换个说法又说了一遍',
  low_confidence: '机器人没有把握，没有直接回答',
  near_threshold: '把握刚好在回答的界限上下',
  out_of_scope: '被当作与购物无关的话',
  confident_sample: '机器人很有把握的消息里随机抽取的',
}

export const STATES: Record<ItemState, string> = {
  open: '待处理',
  labelled: '已标注',
  skipped: '已跳过',
  committed: '已写入',
}

export const ACTIONS: Record<string, string> = {
  label: '标注为',
  skip: '跳过',
  approve: '复核通过',
  undo: '撤销上一步',
  commit: '写入训练数据',
}

export const JOB_STATES: Record<JobState, string> = {
  queued: '排队中',
  running: '进行中',
  done: '完成',
  failed: '失败',
  cancelled: '已取消',
}

export const VERDICTS: Record<Verdict, string> = { mended: '改好了', broken: '改坏了', changed: '有变化' }

export const OUTCOMES: Record<Outcome, string> = { answered: '直接回答', asked: '请顾客确认', handed_off: '转人工' }

export const CHANGES: Record<ModelChange['action'], string> = {
  start: '首次上线',
  promote: '上线',
  rollback: '回退',
  canary_start: '开始灰度',
  canary_stop: '结束灰度',
  canary_halt: '灰度自动停止',
}

export const DRIFTS: Record<DriftLevel, string> = {
  unknown: '消息太少，暂不判断',
  same: '没有明显变化',
  moved: '有变化',
  drifted: '变化很大',
}

export const FINDINGS: Record<string, string> = {
  duplicate: '重复',
  two_intents: '两个意图',
  near_duplicate: '几乎相同',
  too_near_eval: '太像测试集',
  personal_data: '个人信息',
  likely_mislabel: '可能放错',
  thin_intent: '例句太少',
  word_cut: '切断了词',
  file_broken: '文件有误',
}

/** What a save refuses; other findings are advice. */
export const REFUSED: ReadonlySet<string> = new Set(['duplicate', 'two_intents', 'near_duplicate', 'personal_data', 'too_near_eval'])

/** What people call the entities; another is called by its name. */
const ENTITIES: Record<string, string> = {
  courier: '快递公司',
  bank: '银行',
  payment_method: '支付方式',
  product: '商品',
  order_number: '订单号',
  tracking_number: '快递单号',
  phone: '手机号',
  amount: '金额',
  date: '日期',
}

export const entityTitle = (name: string): string => ENTITIES[name] ?? name

const TOPICS: Record<string, string> = {
  accounts: '账号',
  after_sale: '售后',
  conversation: '对话',
  goods: '商品',
  orders: '订单与物流',
  payments: '付款',
  service: '服务',
}

/** A topic's file as people call it. */
export function topicTitle(path: string): string {
  const name = path.split('/').at(-1) ?? path
  const title = TOPICS[name.replace(/\.\w+$/, '')]
  return title ? `${title}（${name}）` : name
}

/** Figures of the frozen set; `more` is whether a higher one is better. */
export const FIGURES: { key: string; title: string; hint: string; more: boolean; share: boolean }[] = [
  { key: 'accuracy', title: '准确率', hint: '测试集里第一意图就对的比例', more: true, share: true },
  { key: 'accuracy_in_scope', title: '业务内准确率', hint: '不算「超出范围」的句子', more: true, share: true },
  { key: 'top3_in_scope', title: '前三命中率', hint: '正确的意图在前三名里', more: true, share: true },
  { key: 'macro_f1', title: '宏平均 F1', hint: '每个意图同等看待的综合分', more: true, share: true },
  { key: 'coverage_at_p95', title: '九五准确时的覆盖', hint: '要求答对 95 % 时，能回答多大比例', more: true, share: true },
  { key: 'oos_recall_at_5', title: '拒识率', hint: '误拒 5 % 时，能识别出多少无关的话', more: true, share: true },
  { key: 'ece', title: '校准误差', hint: '把握与实际准确率的平均差距，越小越好', more: false, share: false },
]

/** 0.8453 → 84.5 % */
export function percent(share: number | null | undefined, digits = 1): string {
  return share === null || share === undefined || Number.isNaN(share) ? '—' : `${(share * 100).toFixed(digits)} %`
}

/** 0.021 → +2.1; in percentage points. */
export function points(difference: number | null | undefined, digits = 1): string {
  if (difference === null || difference === undefined || Number.isNaN(difference)) return '—'
  const value = (difference * 100).toFixed(digits)
  return Number(value) > 0 ? `+${value}` : value.replace(/^-(0(\.0+)?)$/, '$1')
}

/** 12.5 → +12.5 */
export function signed(value: number): string {
  return value > 0 ? `+${value}` : String(value)
}

/** Whether an interval of a difference leaves zero out, and on which side. */
export function sure(ci: readonly number[]): 'more' | 'less' | null {
  const [low, high] = ci
  if (low === undefined || high === undefined) return null
  if (low > 0) return 'more'
  return high < 0 ? 'less' : null
}

/** The first eight digits of a model's hash: its name for people. */
export function short(sha256: string | null | undefined): string {
  return sha256 ? sha256.slice(0, 8) : '—'
}

/** 95 → 1 分 35 秒 */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} 秒`
  const minutes = Math.floor(whole / 60)
  return whole < 3600 ? `${minutes} 分 ${whole % 60} 秒` : `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分`
}
