import { createRouter, createWebHashHistory } from 'vue-router'
import type { Router } from 'vue-router'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
  }
}

/** The pages by their hash: `#/inbox`, `#/runs/<tab>` and so on. */
export function makeRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/inbox' },
      { path: '/inbox', name: 'inbox', component: () => import('./inbox/InboxPage.vue'), meta: { title: '待处理' } },
      { path: '/runs/:tab?/:id?', name: 'runs', component: () => import('./runs/RunsPage.vue'), meta: { title: '训练对比' } },
      { path: '/data/:tab?/:intent?', name: 'data', component: () => import('./data/DataPage.vue'), meta: { title: '训练数据' } },
      { path: '/watch', name: 'watch', component: () => import('./watch/WatchPage.vue'), meta: { title: '观察' } },
      { path: '/:rest(.*)*', redirect: '/inbox' },
    ],
  })
}
