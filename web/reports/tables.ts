import type { Table } from './charts'
import { duration, percent } from './figures'
import type { AgentRow, GroupRow, IntentRow, Spread } from './types'

export function intents(rows: IntentRow[]): Table {
  if (rows.every((row) => row.talks === null)) {
    return { head: ['问题类型', '转人工', '标记', '答错', '答错率'], rows: rows.map((row) => [row.title, row.handed, row.wrong.of, row.wrong.n, percent(row.wrong.share)]) }
  }
  return {
    head: ['问题类型', '会话数', '转人工', '转人工率', '独立接待率', '答错率'],
    rows: rows.map((row) => [row.title, row.talks ?? '—', row.handed, percent(row.handoff_rate.share), percent(row.contained.share), percent(row.wrong.share)]),
  }
}

/** What was marked wrong most often stands first. */
export function wrong(rows: IntentRow[]): Table {
  const sorted = [...rows].sort((a, b) => b.wrong.n - a.wrong.n || b.wrong.of - a.wrong.of)
  return {
    head: ['机器人理解为', '标记', '答错', '答错率', '实际多为'],
    rows: sorted.slice(0, 8).map((row) => [row.title, row.wrong.of, row.wrong.n, percent(row.wrong.share), row.meant.map((each) => `${each.title} ${each.n}`).join('、') || '—']),
  }
}

export function groups(rows: GroupRow[]): Table {
  return {
    head: ['客服组', '转人工', '未等到', '退回', '排队中位数', '准确率', '比告知短', '比告知长', '可比较'],
    rows: rows.map((row) => [row.name, row.handoffs, row.left, row.returned, duration(row.wait.median), percent(row.right.share), row.shorter, row.longer, row.right.of]),
  }
}

export function agents(rows: AgentRow[]): Table {
  return {
    head: ['客服', '接待', '转出', '退回', '接起后首次回复', '接待时长', '满意度', '评价', '标记', '标记答错'],
    rows: rows.map((row) => [row.name, row.chats, row.passed_on, row.given_back, both(row.response), both(row.held), percent(row.satisfied.share), row.satisfied.of, row.wrong.of, row.wrong.n]),
  }
}

function both(times: Spread): string {
  return times.n === 0 ? '—' : `${duration(times.median)}（${duration(times.p90)}）`
}
