// What the lists of the Licensing workspace do beyond links and forms. Without it every page works.

// Filters that say nothing stay out of the address.
document.addEventListener('htmx:config:request', event => {
  const { request } = event.detail.ctx
  if (request.method !== 'GET') return
  for (const [name, value] of [...request.body]) if (value === '') request.body.delete(name)
})

// A token is copied without being shown.
document.addEventListener('click', async event => {
  const button = event.target.closest('[data-copies-from]')
  if (!button) return
  const answer = await fetch(button.dataset.copiesFrom, { headers: { Accept: 'text/plain' } })
  if (!answer.ok) return location.assign(button.dataset.copiesFrom)
  await navigator.clipboard.writeText(await answer.text())
  const words = button.querySelector('.pf-v6-c-button__text')
  const before = words.textContent
  words.textContent = 'Copied'
  setTimeout(() => {
    words.textContent = before
  }, 2000)
})

// Rows that are ticked: how many they are, and what can be done with them, shows as soon as there is one.
const ticked = document.getElementById('ticked')
const countTicks = () => {
  const boxes = [...ticked.elements].filter(each => each.type === 'checkbox')
  const count = boxes.filter(each => each.checked).length
  ticked.hidden = count === 0
  ticked.querySelector('.qm-ticked__count').textContent = `${count} ticked`
  const all = document.querySelector('[data-ticks-all]')
  if (!all) return
  all.checked = count > 0 && count === boxes.length
  all.indeterminate = count > 0 && count < boxes.length
}
if (ticked) {
  countTicks()
  document.addEventListener('change', event => {
    const { ticksAll } = event.target.dataset
    if (ticksAll) for (const each of ticked.elements) if (each.name === ticksAll) each.checked = event.target.checked
    if (ticksAll || event.target.form === ticked) countTicks()
  })
  document.addEventListener('htmx:after:swap', countTicks)
}

// Another Local Virtual Account has other licenses: the form is asked for again, with what it has so far.
document.addEventListener('change', event => {
  const { asksAgain } = event.target.dataset
  if (!asksAgain) return
  const form = event.target.form
  const filled = [...new FormData(form)].filter(([name, value]) => value !== '' && !(event.target.name === 'from' && name.startsWith('q')))
  location.assign(`${asksAgain}?${new URLSearchParams(filled)}`)
})

// A choice about a list comes back to it as it is filtered by now.
document.addEventListener('submit', event => {
  if (event.target.matches('[data-comes-back]')) event.target.elements.next.value = location.pathname + location.search
})

// A page for paper has its button where there are scripts to press it.
for (const button of document.querySelectorAll('[data-prints]')) {
  button.hidden = false
  button.addEventListener('click', () => print())
}
