export interface Good {
  name: string
  detail: string
  /** In fen. */
  price: number
  drawing: string
}

/** What stands in the window: only pictures to ask about, the orders are in the shop's database. */
export const GOODS: readonly Good[] = [
  { name: '手冲咖啡壶', detail: '细口控流 · 600 ml', price: 16900, drawing: 'M20 22h20l4 28H16zM40 28c8 0 8 14 2 14M20 28 8 22M24 22c0-6 12-6 12 0M30 16v-3' },
  { name: '头戴式蓝牙耳机', detail: '主动降噪 · 续航 40 小时', price: 39900, drawing: 'M12 40V34a20 20 0 0 1 40 0v6M12 38h6v14h-3a3 3 0 0 1-3-3zM52 38h-6v14h3a3 3 0 0 0 3-3z' },
  { name: '316 不锈钢保温杯', detail: '真空双层 · 480 ml', price: 8900, drawing: 'M24 10h16v8H24zM22 18h20v34a4 4 0 0 1-4 4H26a4 4 0 0 1-4-4zM22 28h20' },
  { name: '美利奴羊毛围巾', detail: '190 × 35 cm', price: 25900, drawing: 'M18 14c8 8 20 8 28 0l4 8c-10 10-26 10-36 0zM36 27l6 25M28 28l-4 24M24 52h18M27 52v5M33 52v5M39 52v5' },
  { name: '城市通勤双肩包', detail: '18 L · 防泼水', price: 32900, drawing: 'M18 26a14 14 0 0 1 28 0v26a4 4 0 0 1-4 4H22a4 4 0 0 1-4-4zM26 14v-2a6 6 0 0 1 12 0v2M24 38h16v12H24zM24 44h16' },
  { name: '护眼台灯', detail: '五档色温 · 无频闪', price: 19900, drawing: 'M22 56h22M33 56 24 30l14-14M32 10l14 14-6 6-14-14zM24 30h.1' },
]
