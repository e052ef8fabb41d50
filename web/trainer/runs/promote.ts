import { ElMessageBox } from 'element-plus'

import { Problem } from '../../common/problem'
import type { Bench } from '../bench'
import { short } from '../wording'

/** Make a model live after a question, and with a reason where the server wants one; whether it is. */
export async function promoteAsking(bench: Bench, sha256: string, profile: string): Promise<boolean> {
  const brand = bench.brand(profile)
  const sure = await ElMessageBox.confirm(`让模型 ${short(sha256)} 接待「${brand}」的全部顾客？随时可以回退。`, '上线', {
    confirmButtonText: '上线',
    cancelButtonText: '取消',
  }).catch(() => null)
  if (!sure) return false
  try {
    await bench.api.promote(sha256, [profile], '')
    return true
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'reason_needed') throw error
    const answer = await ElMessageBox.prompt(error.title, '需要理由', {
      confirmButtonText: '填好了，上线',
      cancelButtonText: '不上线',
      inputType: 'textarea',
      inputPlaceholder: '例如：弄坏的两句是旧活动的说法，已不再使用',
      inputValidator: (value) => (value ?? '').trim() !== '' || '请填写理由，它会记在上线历史里。',
    }).catch(() => null)
    if (!answer) return false
    await bench.api.promote(sha256, [profile], answer.value.trim())
    return true
  }
}
