// Puts the chosen file's text into the form, so that one form serves those who choose a file and those who paste.
const chooser = document.getElementById('chooser')
chooser.hidden = false
chooser.querySelector('input').addEventListener('change', async event => {
  const [file] = event.target.files
  if (file) document.getElementById('file').value = await file.text()
})
