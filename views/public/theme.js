// Before anything is painted: where the setting is "system", the page takes the theme that the machine has, and follows it.
{
  const root = document.documentElement
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const follow = () => root.dataset.theme === 'system' && root.classList.toggle('pf-v6-theme-dark', dark.matches)
  follow()
  dark.addEventListener('change', follow)
}
