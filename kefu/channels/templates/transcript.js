const button = document.getElementById('print')
// WeChat's browser cannot print: there the page is kept by a screenshot or a favourite.
if (button && typeof window.print === 'function' && !/MicroMessenger/i.test(navigator.userAgent)) {
  button.hidden = false
  button.addEventListener('click', () => window.print())
}
