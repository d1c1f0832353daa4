// What a page does beyond links and forms. Everything here is a convenience: without it every page works.

// Times become local, with UTC on hover. Whatever htmx brings later is treated alike.
// As the preferences say; what they leave open is the browser's.
const { zone, dates } = document.documentElement.dataset
const dateStyle = dates === 'sv' ? 'short' : 'medium'
const forms = { moment: { dateStyle, timeStyle: 'short' }, day: { dateStyle } }
const localize = () => {
  for (const time of document.querySelectorAll('time[data-form]')) {
    const local = new Intl.DateTimeFormat(dates, { ...forms[time.dataset.form], timeZone: zone }).format(new Date(time.dateTime))
    if (time.textContent !== local) time.textContent = local
  }
}
localize()
new MutationObserver(localize).observe(document.body, { childList: true, subtree: true, characterData: true })

// A menu closes by Escape, by a click elsewhere, and when another opens.
const closeMenus = except => {
  for (const menu of document.querySelectorAll('details[data-menu][open]')) if (menu !== except) menu.open = false
}
document.addEventListener('click', event => closeMenus(event.target.closest('details[data-menu]')))
document.addEventListener('keydown', event => {
  const menu = event.key === 'Escape' && document.querySelector('details[data-menu][open]')
  if (!menu) return
  menu.open = false
  menu.querySelector('summary').focus()
})
document.addEventListener(
  'toggle',
  event => {
    if (event.target.matches?.('details[data-menu][open]')) event.target.querySelector('input[type=search]')?.focus()
  },
  true,
)

// The arrow keys go through a menu.
document.addEventListener('keydown', event => {
  const menu = event.target.closest?.('details[data-menu][open]')
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (!menu || !step) return
  const stops = [...menu.querySelectorAll('input[type=search], .pf-v6-c-menu__item')]
  const next = stops[stops.indexOf(document.activeElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
})

// The navigation of a narrow page slides in over it.
const navigation = document.getElementById('navigation')
document.querySelector('.qm-navigation-toggle')?.addEventListener('click', event => {
  event.preventDefault()
  const open = navigation.classList.toggle('pf-m-expanded')
  event.currentTarget.setAttribute('aria-expanded', open)
  if (open) navigation.querySelector('a.pf-v6-c-nav__link')?.focus()
})
document.querySelector('.qm-sidebar__close')?.addEventListener('click', () => navigation.classList.remove('pf-m-expanded'))

// What is loaded into the dialog opens it; its way back closes it.
const dialog = document.getElementById('dialog')
document.addEventListener('htmx:after:swap', () => {
  if (dialog && dialog.childElementCount > 0 && !dialog.open) dialog.showModal()
})
dialog?.addEventListener('close', () => dialog.replaceChildren())
dialog?.addEventListener('click', event => {
  if (event.target !== dialog && !event.target.closest('[data-closes-dialog]')) return
  event.preventDefault()
  dialog.close()
})

// A text is copied by its button, which says so for a moment.
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copies]')
  if (!button) return
  const source = document.querySelector(button.dataset.copies)
  await navigator.clipboard.writeText(source.value ?? source.textContent)
  button.dataset.copied = ''
  const words = button.querySelector('.pf-v6-c-button__text') ?? button
  const before = words.textContent
  words.textContent = 'Copied'
  setTimeout(() => {
    words.textContent = before
    delete button.dataset.copied
  }, 2000)
})

// Parts that ask by themselves rest while nobody looks.
document.addEventListener('htmx:config:request', event => {
  if (document.hidden && event.detail.ctx.request.headers['X-Unattended']) event.preventDefault()
})

// A file on its way shows how much of it has gone. What comes back is a page: a form with its complaints takes the place of this one, anything
// else is gone to. The way there is asked by nobody, so that its notice is told to whoever arrives.
document.addEventListener('submit', event => {
  const form = event.target
  const sending = form.querySelector?.('[data-sending]')
  if (!sending || event.defaultPrevented) return
  event.preventDefault()
  const [bar, words, button] = [sending.querySelector('progress'), sending.querySelector('span'), form.querySelector('button[type=submit]')]
  const megabytes = bytes => new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(bytes / 1024 ** 2)
  const request = new XMLHttpRequest()
  request.upload.addEventListener('progress', ({ loaded, total }) => {
    bar.max = total
    bar.value = loaded
    words.textContent = loaded < total ? `${megabytes(loaded)} of ${megabytes(total)} MB sent` : 'All sent. It is being checked.'
  })
  request.addEventListener('load', () => {
    if (request.status < 400) return location.assign(request.responseURL)
    const main = request.response.getElementById('main')
    document.getElementById('main').replaceWith(main)
    window.htmx?.process(main)
    main.querySelector('[autofocus]')?.focus()
  })
  request.addEventListener('error', () => {
    button.disabled = false
    words.textContent = 'The upload broke off. Try again.'
  })
  sending.hidden = false
  button.disabled = true
  request.open('POST', form.action)
  // The browser reads the page itself: the policy lets no script turn text into elements.
  request.responseType = 'document'
  request.setRequestHeader('X-Unattended', '1')
  request.send(new FormData(form))
})
