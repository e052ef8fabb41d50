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
