import 'element-plus/es/components/base/style/css'
import '../common/styles/tokens.css'
import '../common/styles/base.css'
import '../common/styles/pages.css'
import '../common/styles/element.css'
import './styles/side.css'

import { createApp } from 'vue'

import App from './App.vue'
import { makeRouter } from './router'

createApp(App).use(makeRouter()).mount('#desk')
