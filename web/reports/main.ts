import 'element-plus/es/components/base/style/css'
import '../common/styles/tokens.css'
import './style.css'

import { createApp } from 'vue'

import App from './App.vue'

createApp(App).mount('#reports')
