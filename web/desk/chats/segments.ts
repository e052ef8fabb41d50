import type { InboxLists, Summary } from '../types'
import { byUrgency } from '../waiting'

export type SegmentName = 'mine' | 'queue' | 'invited' | 'colleagues'

export interface Segment {
  name: SegmentName
  title: string
  chats: Summary[]
  empty: string
}

/** The lists in the order of their tabs; mine with those on top who wait longest. */
export function segments(lists: InboxLists | null, now: number): Segment[] {
  return [
    { name: 'mine', title: '我的', chats: byUrgency(lists?.mine ?? [], now), empty: '您还没有接待中的会话' },
    { name: 'queue', title: '排队', chats: lists?.queue ?? [], empty: '暂无等待的顾客' },
    { name: 'invited', title: '协助', chats: lists?.invited ?? [], empty: '没有同事邀请您协助' },
    { name: 'colleagues', title: '同事', chats: lists?.colleagues ?? [], empty: '没有同事接待中的会话' },
  ]
}
