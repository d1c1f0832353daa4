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
