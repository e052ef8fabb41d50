import type { ConversationState } from '../common/types'
import type { PresenceStatus } from './types'

const REASONS: Record<string, string> = {
  requested: '要求人工',
  low_confidence: '机器人没听懂',
  not_solved: '问题未解决',
  abuse: '情绪激动',
  action_failed: '办理失败',
  shop_unavailable: '商城系统异常',
  loop_too_long: '流程过长',
  turn_failed: '机器人出错',
  complaint: '投诉',
}

/** Why a conversation waits for a person. */
export function reasonText(reason: string | null): string {
  if (!reason) return '转人工'
  return REASONS[reason] ?? '转人工'
}

/** Whether the reason asks for a quick, careful answer. */
export function isUrgent(reason: string | null): boolean {
  return reason === 'complaint' || reason === 'abuse'
}

export const STATE_TEXTS: Record<ConversationState, string> = {
  bot: '机器人接待中',
  waiting: '等待接待',
  assigned: '人工接待中',
  closed: '已结束',
}

export const PRESENCE_TEXTS: Record<PresenceStatus, string> = { online: '在线', busy: '忙碌', away: '离开', offline: '离线' }

export const ROLE_TEXTS = { agent: '客服', supervisor: '主管', trainer: '训练师', admin: '管理员' } as const

export const PRIORITY_TEXTS = ['普通', '优先', '紧急'] as const

export const RESOLUTIONS = [
  { value: 'solved', title: '已解决' },
  { value: 'unsolved', title: '未解决' },
  { value: 'no_answer', title: '顾客无回应' },
  { value: 'duplicate', title: '重复咨询' },
  { value: 'other', title: '其他' },
] as const

export const COMMON_TAGS = ['催发货', '物流异常', '退换货', '退款', '质量问题', '账户安全', '优惠活动', '投诉', '需回访']

export const SENTIMENT_TEXTS = { calm: '平和', impatient: '着急', angry: '生气' } as const

const INTENTS: Record<string, string> = {
  order_status: '查询订单',
  urge_shipping: '催发货',
  track_logistics: '查物流',
  delivery_problem: '配送异常',
  delivery_schedule: '配送时间',
  change_order: '修改订单',
  cancel_order: '取消订单',
  wrong_or_missing_item: '少发错发',
  payment_failure: '付款失败',
  payment_charged: '扣款疑问',
  payment_method: '支付方式',
  invoice: '发票',
  promotion_coupon: '优惠活动',
  price_protection: '价格保护',
  return_request: '退货退款',
  exchange_request: '换货',
  repair_warranty: '维修保修',
  refund_progress: '退款进度',
  return_shipping: '退货寄回',
  quality_problem: '质量问题',
  account_locked: '账户锁定',
  password_reset: '找回密码',
  login_register: '登录注册',
  account_change: '账户变更',
  security_setup: '安全设置',
  privacy_question: '隐私安全',
  fraud_report: '举报诈骗',
  membership: '会员',
  product_question: '商品咨询',
  stock_availability: '库存',
  shipping_policy: '运费与配送政策',
  install_service: '安装服务',
  complaint: '投诉',
  dispute_appeal: '申诉介入',
  feedback: '建议反馈',
  contact_info: '联系方式',
  merchant_service: '商家合作',
  human_agent: '要求人工',
  not_solved: '问题未解决',
  urge_reply: '催回复',
  greet: '问候',
  thanks: '感谢',
  goodbye: '告别',
  affirm: '确认',
  deny: '否认',
  inform: '提供信息',
  abuse: '辱骂',
  bot_challenge: '询问是否机器人',
  picture_sent: '发来图片',
  out_of_scope: '与购物无关',
}

/** What the bot understood, in the agents' words. */
export function intentText(intent: string): string {
  return INTENTS[intent] ?? intent
}
