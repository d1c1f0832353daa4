/** What is shown before anything else in the STIG profile: "consent banner". In our own words; an installation puts its own in the file of sshd's banner. */
export const consent = [
  'This system is for authorised use only.',
  '',
  'What is done here is recorded and may be read by those who are in charge of it.',
  'Whoever goes on agrees to that. If you do not agree, or are not authorised, leave now.',
].join('\n')
