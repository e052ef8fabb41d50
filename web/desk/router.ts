import { createRouter, createWebHashHistory } from 'vue-router'
import type { Router } from 'vue-router'

import type { Role } from './types'

declare module 'vue-router' {
  interface RouteMeta {
    title: string
    /** Who may come; without it everyone at the desk. */
    roles?: readonly Role[]
  }
}

const SUPERVISORS: readonly Role[] = ['supervisor', 'admin']

/** The pages by their hash: `#/chats/<id>`, `#/wall` and so on. */
export function makeRouter(): Router {
  const chats = () => import('./pages/ChatsPage.vue')
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/chats' },
      { path: '/chats/:id?', name: 'chats', component: chats, meta: { title: '会话' } },
      { path: '/queue/:id?', name: 'queue', component: chats, meta: { title: '排队' } },
      { path: '/tickets/:number?', name: 'tickets', component: () => import('./pages/TicketsPage.vue'), meta: { title: '工单' } },
      { path: '/wall', name: 'wall', component: () => import('./pages/WallPage.vue'), meta: { title: '大屏', roles: SUPERVISORS } },
      { path: '/groups', name: 'groups', component: () => import('./pages/GroupsPage.vue'), meta: { title: '分组', roles: SUPERVISORS } },
      { path: '/canned', name: 'canned', component: () => import('./pages/CannedPage.vue'), meta: { title: '快捷回复' } },
      { path: '/staff', name: 'staff', component: () => import('./pages/StaffPage.vue'), meta: { title: '员工', roles: ['admin'] } },
      { path: '/me', name: 'me', component: () => import('./pages/MePage.vue'), meta: { title: '我的' } },
      { path: '/:rest(.*)*', redirect: '/chats' },
    ],
  })
}
